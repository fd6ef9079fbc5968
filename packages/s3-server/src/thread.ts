import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { RequestRecord } from './handle-request.ts'
import type { TlsPair } from './http/tls.ts'
import type { S3Notice } from './notice.ts'
import type { S3ServerHandle, S3ServerOptions } from './server.ts'

const WORKER = new URL(`./thread-worker${extname(import.meta.url)}`, import.meta.url)

/** Options of a server in its own thread. Functions can't cross over, but records of requests and notices do. */
export interface S3ThreadOptions extends Omit<S3ServerOptions, 'now' | 'onDamage' | 'onIssuerFailure' | 'onDelivery'> {
  /** Where `/metrics` and `/healthz` are answered, without a password; nowhere when absent. Port 0: the system chooses. */
  readonly admin?: { readonly host: string; readonly port: number }
  /** When absent, each is a JSON line on the standard error. */
  readonly onNotice?: (notice: S3Notice) => void
}

/** What the thread is started with. */
export interface S3ThreadInput {
  readonly options: Omit<S3ThreadOptions, 'onRequest' | 'onNotice'>
  readonly reportRequests: boolean
}

export type S3ThreadCommand =
  | { readonly kind: 'close' }
  | { readonly kind: 'reload-keys'; readonly id: number }
  | { readonly kind: 'renew-tls'; readonly id: number; readonly tls: TlsPair }

export type S3ThreadMessage =
  | { readonly kind: 'listening'; readonly url: string; readonly port: number; readonly adminUrl: string | undefined }
  | { readonly kind: 'request'; readonly record: RequestRecord }
  | { readonly kind: 'notice'; readonly notice: S3Notice }
  | { readonly kind: 'keys-reloaded'; readonly id: number; readonly count: number }
  | { readonly kind: 'tls-renewed'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly reason: string }
  | { readonly kind: 'closed' }

export interface S3ThreadHandle extends S3ServerHandle {
  /**
   * As of the server itself: takes up what was changed in the key file.
   *
   * @throws Error for a key file that is damaged or lacks a version, and when the thread ends before it is done
   */
  reloadKeys(): Promise<number>
  /**
   * As of the server itself: tells new connections the certificate that was renewed.
   *
   * @throws Error where certificate and key are not a pair, and when the thread ends before it is done
   */
  renewTls(tls: TlsPair): Promise<void>
  /** Of what `admin` asked for. */
  readonly adminUrl: string | undefined
  /** Resolves when the thread has ended: with undefined after `close()`, with the reason when it died by itself. */
  readonly ended: Promise<Error | undefined>
}

const writeNotice = (notice: S3Notice): void => {
  process.stderr.write(`${JSON.stringify(notice)}\n`)
}

/**
 * Runs the S3 server in a thread of its own, so that moving bytes never holds up the caller's event loop.
 *
 * @throws what `startS3Server` throws, and the system's error, with its `port`, for one that is taken
 */
export const startS3Thread = (options: S3ThreadOptions): Promise<S3ThreadHandle> => {
  const { onRequest, onNotice = writeNotice, ...plain } = options
  const input: S3ThreadInput = { options: plain, reportRequests: onRequest !== undefined }
  const worker = new Worker(WORKER, { workerData: input, name: 's3' })
  const command = (given: S3ThreadCommand): void => {
    worker.postMessage(given)
  }
  const wishes = new Map<number, PromiseWithResolvers<number>>()
  let lastWish = 0
  return new Promise((resolve, reject) => {
    let closing = false
    let hasEnded = false
    let failure: Error | undefined
    const ended = new Promise<Error | undefined>((finish) => {
      worker.once('exit', (code) => {
        const reason = failure ?? (closing ? undefined : new Error(`The S3 thread ended by itself with code ${code}.`))
        // Without effect once the server is listening.
        reject(reason ?? new Error('The S3 thread was closed before it listened.'))
        hasEnded = true
        for (const { reject: refuse } of wishes.values()) refuse(new Error('The S3 thread ended.'))
        wishes.clear()
        finish(reason)
      })
    })
    const wish = async (commandFor: (id: number) => S3ThreadCommand): Promise<number> => {
      if (closing || hasEnded) throw new Error('The S3 thread ended.')
      const id = (lastWish += 1)
      const outcome = Promise.withResolvers<number>()
      wishes.set(id, outcome)
      command(commandFor(id))
      return outcome.promise
    }
    worker.on('error', (error) => {
      failure = error instanceof Error ? error : new Error(String(error))
    })
    worker.on('message', (message: S3ThreadMessage) => {
      switch (message.kind) {
        case 'listening':
          resolve({
            url: message.url,
            port: message.port,
            adminUrl: message.adminUrl,
            ended,
            reloadKeys: () => wish((id) => ({ kind: 'reload-keys', id })),
            renewTls: async (tls) => {
              await wish((id) => ({ kind: 'renew-tls', id, tls }))
            },
            close: async () => {
              if (!closing) command({ kind: 'close' })
              closing = true
              const reason = await ended
              if (reason !== undefined) throw reason
            },
          })
          return
        case 'request':
          onRequest?.(message.record)
          return
        case 'notice':
          onNotice(message.notice)
          return
        case 'keys-reloaded':
          wishes.get(message.id)?.resolve(message.count)
          wishes.delete(message.id)
          return
        case 'tls-renewed':
          wishes.get(message.id)?.resolve(0)
          wishes.delete(message.id)
          return
        case 'refused':
          wishes.get(message.id)?.reject(new Error(message.reason))
          wishes.delete(message.id)
          return
        case 'closed':
          // The thread ends by itself once its port is closed.
          return
      }
    })
  })
}
