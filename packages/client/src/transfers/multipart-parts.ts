import type { Transport } from '../transport.ts'
import { SkyCrateError } from '../skycrate-error.ts'
import { withBackOff } from './back-off.ts'
import { putBlob } from './put-blob.ts'

/** A multipart upload that was begun. Plain data: kept somewhere, it lets a later page or process go on. */
export interface UploadCheckpoint {
  readonly bucket: string
  readonly key: string
  readonly uploadId: string
  /** Bytes of the whole file, and of every part but the last. */
  readonly size: number
  readonly partSize: number
}

export interface Uploaded {
  /** Undefined where the store's CORS rules hide it. */
  readonly etag: string | undefined
  readonly versionId?: string | null | undefined
}

/** Parts whose URLs are asked for at once: few, so that a slow line does not meet URLs that have expired. */
const SIGNED_AT_ONCE = 16

interface PartsOptions {
  readonly bucket: string
  readonly key: string
  readonly contentType: string
  readonly attempts: number
  readonly ifNoneMatch?: '*' | undefined
  readonly checkpoint?: UploadCheckpoint | undefined
  readonly onCheckpoint?: ((checkpoint: UploadCheckpoint) => void) | undefined
  readonly onProgress?: ((sent: number, total: number) => void) | undefined
}

type Signed = { readonly url: string; readonly headers: Readonly<Record<string, string>> }

/** The parts of one multipart upload: which the store has, and the sending of the others. */
export class MultipartParts {
  /** ETags by part number. */
  readonly #done = new Map<number, string>()
  /** Bytes on their way, by part number. */
  readonly #sent = new Map<number, number>()
  readonly #client: Transport
  readonly #body: Blob
  readonly #options: PartsOptions
  readonly #checkpoint: UploadCheckpoint

  private constructor(client: Transport, body: Blob, options: PartsOptions, checkpoint: UploadCheckpoint) {
    this.#client = client
    this.#body = body
    this.#options = options
    this.#checkpoint = checkpoint
  }

  /** @throws SkyCrateError; RangeError for a checkpoint of another file */
  static async begin(
    client: Transport,
    body: Blob,
    options: PartsOptions,
    signal: AbortSignal,
  ): Promise<MultipartParts> {
    const { bucket, key, contentType, attempts, checkpoint, onCheckpoint } = options
    const { size } = body
    if (checkpoint) {
      if (checkpoint.size !== size || checkpoint.bucket !== bucket || checkpoint.key !== key) {
        throw new RangeError('The checkpoint is of another file or key.')
      }
      const parts = new MultipartParts(client, body, options, checkpoint)
      await parts.#look(signal)
      return parts
    }
    const { uploadId, partSize } = await withBackOff(
      () => client.request('createUpload', { body: { bucket, key, contentType, size } }, { signal }),
      { attempts, signal },
    )
    const begun = { bucket, key, uploadId, size, partSize }
    onCheckpoint?.(begun)
    return new MultipartParts(client, body, options, begun)
  }

  /** Sends what the store does not have, several parts at a time. */
  async send(parallel: number, signal: AbortSignal): Promise<void> {
    const { size, partSize } = this.#checkpoint
    const numbers = Array.from({ length: Math.ceil(size / partSize) }, (_, index) => index + 1)
    const waiting = numbers.filter((number) => !this.#done.has(number))
    this.#sent.clear()
    this.#report()
    const failed = new AbortController()
    const either = AbortSignal.any([signal, failed.signal])
    const urls = new Map<number, Promise<Signed>>()
    const urlOf = (number: number): Promise<Signed> => {
      if (!urls.has(number)) this.#sign([number, ...waiting.slice(0, SIGNED_AT_ONCE - 1)], urls, either)
      return urls.get(number)!
    }
    const worker = async (): Promise<void> => {
      for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
        await this.#sendPart(number, urlOf, urls, either)
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(parallel, waiting.length) }, worker))
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }

  async #sendPart(
    partNumber: number,
    urlOf: (partNumber: number) => Promise<Signed>,
    urls: Map<number, Promise<Signed>>,
    signal: AbortSignal,
  ): Promise<void> {
    const { partSize } = this.#checkpoint
    const body = this.#body.slice((partNumber - 1) * partSize, partNumber * partSize)
    const onSent = (sent: number): void => {
      this.#sent.set(partNumber, sent)
      this.#report()
    }
    let renewed = false
    const put = async (): Promise<string | undefined> => {
      try {
        return await putBlob(this.#client.fetch, { ...(await urlOf(partNumber)), method: 'PUT', body, onSent, signal })
      } catch (error) {
        // A URL may have expired meanwhile: one new one is asked for, and it says whether that was it.
        urls.delete(partNumber)
        if (renewed || !(error instanceof SkyCrateError) || error.code !== 'transfer-failed' || error.status !== 403) {
          throw error
        }
        renewed = true
        return await put()
      }
    }
    const etag = await withBackOff(put, { attempts: this.#options.attempts, signal })
    this.#sent.delete(partNumber)
    this.#done.set(partNumber, etag ?? '')
    this.#report()
  }

  #sign(partNumbers: readonly number[], urls: Map<number, Promise<Signed>>, signal: AbortSignal): void {
    const { bucket, key, uploadId } = this.#checkpoint
    const wanted = partNumbers.filter((number) => !urls.has(number))
    const signed = this.#client.request(
      'signParts',
      { body: { bucket, key, uploadId, partNumbers: wanted } },
      { signal },
    )
    for (const number of wanted) {
      const url = signed.then(({ parts }) => parts.find(({ partNumber }) => partNumber === number)!)
      // Asked for again where it is needed.
      url.catch(() => urls.delete(number))
      urls.set(number, url)
    }
  }

  /** Asks the store which parts it has. */
  async #look(signal: AbortSignal): Promise<void> {
    const { bucket, key, uploadId, size, partSize } = this.#checkpoint
    const query = { bucket, key, uploadId }
    const { parts } = await withBackOff(() => this.#client.request('uploadedParts', { query }, { signal }), {
      attempts: this.#options.attempts,
      signal,
    })
    this.#done.clear()
    for (const { partNumber, etag, size: there } of parts) {
      const expected = Math.min(partSize, size - (partNumber - 1) * partSize)
      if (there === expected) this.#done.set(partNumber, etag)
    }
  }

  /** @throws SkyCrateError `precondition-failed` where an object must not be replaced */
  async complete(signal: AbortSignal): Promise<Uploaded> {
    const { bucket, key, uploadId } = this.#checkpoint
    const { attempts, ifNoneMatch } = this.#options
    // Where CORS hides the ETags, only the store can tell them.
    if ([...this.#done.values()].includes('')) await this.#look(signal)
    const parts = Array.from(this.#done, ([partNumber, etag]) => ({ partNumber, etag }))
    const body = { bucket, key, uploadId, parts, ...(ifNoneMatch && { ifNoneMatch }) }
    return await withBackOff(
      async (attempt) => {
        try {
          return await this.#client.request('completeUpload', { body }, { signal })
        } catch (error) {
          // The answer of the attempt before was lost on its way: the store has joined the parts.
          const isLost = error instanceof SkyCrateError && error.code === 'upload-missing' && attempt > 1
          if (isLost && (await this.#isThere(signal))) return { etag: undefined }
          throw error
        }
      },
      { attempts, signal },
    )
  }

  async #isThere(signal: AbortSignal): Promise<boolean> {
    const { bucket, key, size } = this.#checkpoint
    const page = await this.#client.request(
      'listObjects',
      { params: { bucket }, query: { prefix: key, limit: 1 } },
      { signal },
    )
    return page.objects.some((object) => object.key === key && object.size === size)
  }

  /** Has the store forget the parts. One that is gone already is no failure. */
  async abort(): Promise<void> {
    const { bucket, key, uploadId } = this.#checkpoint
    const query = { bucket, key, uploadId }
    await withBackOff(() => this.#client.request('abortUpload', { query }), {
      attempts: this.#options.attempts,
      signal: undefined,
    }).catch((error: unknown) => {
      if (!(error instanceof SkyCrateError) || error.code !== 'upload-missing') throw error
    })
  }

  #report(): void {
    const { size, partSize } = this.#checkpoint
    let sent = 0
    for (const number of this.#done.keys()) sent += Math.min(partSize, size - (number - 1) * partSize)
    for (const bytes of this.#sent.values()) sent += bytes
    this.#options.onProgress?.(Math.min(sent, size), size)
  }
}
