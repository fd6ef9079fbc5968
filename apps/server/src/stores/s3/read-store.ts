import type { Readable } from 'node:stream'
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { ReadOptions, ReadStore } from '../read-store.ts'
import { unquoted } from './copy-call.ts'
import { storeError, storeFailure } from './store-failure.ts'

type At = <T>(bucket: string, doing: string, work: (client: S3Client) => Promise<T>) => Promise<T>

/** Milliseconds without a byte after which a download is given up. */
const SILENT_MS = 60_000

export function readStore(at: At): ReadStore {
  return {
    openObject: (bucket, key, options = {}) => {
      const doing = `read an object of the bucket ${bucket}`
      return at(bucket, doing, async (client) => {
        const silence = new AbortController()
        const timer = setTimeout(() => silence.abort(new Error('nothing came for a minute')), SILENT_MS)
        try {
          const { Body, ContentLength, ContentRange, ETag } = await client.send(
            new GetObjectCommand({ Bucket: bucket, Key: key, ...headersOf(options) }),
            {
              abortSignal: options.signal ? AbortSignal.any([options.signal, silence.signal]) : silence.signal,
              requestTimeout: SILENT_MS,
            },
          )
          const size = Number(/\/(\d+)$/.exec(ContentRange ?? '')?.[1] ?? ContentLength ?? 0)
          const body = Body as Readable
          return {
            size,
            etag: unquoted(ETag),
            chunks: chunksOf(body, timer, doing),
            [Symbol.dispose]() {
              clearTimeout(timer)
              body.destroy()
            },
          }
        } catch (error) {
          clearTimeout(timer)
          const { status } = storeFailure(error)
          if (status === 404 || status === 412 || status === 416) return undefined
          throw error
        }
      })
    },
  }
}

function headersOf({ from = 0, to, etag }: ReadOptions): { Range?: string; IfMatch?: string } {
  return {
    ...((from > 0 || to !== undefined) && { Range: `bytes=${from}-${to === undefined ? '' : to - 1}` }),
    ...(etag !== undefined && { IfMatch: `"${etag}"` }),
  }
}

async function* chunksOf(body: Readable, timer: NodeJS.Timeout, doing: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) {
      timer.refresh()
      yield chunk as Uint8Array
      timer.refresh()
    }
  } catch (error) {
    throw storeError(error, doing)
  } finally {
    clearTimeout(timer)
  }
}
