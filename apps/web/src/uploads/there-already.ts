import type { SkyCrateClient } from '@skycrate/client/client'
import { SkyCrateError } from '@skycrate/client/skycrate-error'

interface ThereAlready {
  readonly size: number
  /** Without quotes. */
  readonly etag: string
  readonly lastModified: string
}

/**
 * What stands at a key.
 * @returns undefined where nothing does, or where the person may not look
 * @throws SkyCrateError where the server cannot be asked
 */
export async function findObject(
  api: SkyCrateClient,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<ThereAlready | undefined> {
  try {
    // A key comes before all that begin with it.
    const { objects } = await api.listObjects(bucket, { prefix: key, limit: 1 }, { signal })
    const [first] = objects
    if (first?.key !== key) return undefined
    const { size, etag, lastModified } = first
    return { size, etag: etag.replaceAll('"', ''), lastModified }
  } catch (error) {
    if (error instanceof SkyCrateError && error.status === 403) return undefined
    throw error
  }
}

/** Whether an object has the very bytes of a file. False also where the person may not read it. */
export async function isSameContent(
  api: SkyCrateClient,
  bucket: string,
  key: string,
  file: File,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { url } = await api.presignedUrl({ bucket, key, operation: 'get', expiresIn: 120 }, { signal })
    const response = await fetch(url, { signal, credentials: 'omit' })
    if (!response.ok) return false
    const [theirs, ours] = await Promise.all([response.arrayBuffer(), file.arrayBuffer()])
    if (theirs.byteLength !== ours.byteLength) return false
    const [a, b] = [new Uint8Array(theirs), new Uint8Array(ours)]
    return a.every((byte, index) => byte === b[index])
  } catch (error) {
    if (error instanceof SkyCrateError && error.status === 403) return false
    throw error instanceof TypeError ? unreachable(error) : error
  }
}

const unreachable = (cause: unknown): SkyCrateError =>
  new SkyCrateError({ code: 'unreachable', title: 'The store cannot be reached', cause })
