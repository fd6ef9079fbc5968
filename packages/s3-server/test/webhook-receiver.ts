import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What S3's messages say, as far as tests look at it. */
export interface EventRecord {
  readonly eventVersion: string
  readonly eventName: string
  readonly eventTime: string
  readonly userIdentity: { readonly principalId: string }
  readonly responseElements: Readonly<Record<string, string>>
  readonly s3: {
    readonly configurationId: string
    readonly object: {
      readonly key: string
      readonly size?: number
      readonly eTag?: string
      readonly versionId?: string
      readonly sequencer: string
    }
  }
}

export interface ReceivedMessage {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  readonly records: readonly EventRecord[]
  /** What was answered; messages of other statuses than 2xx come again. */
  readonly status: number
}

export interface WebhookReceiver extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly messages: readonly ReceivedMessage[]
  /** Records of messages that were taken, in the order they came. */
  readonly taken: () => readonly EventRecord[]
  /** Resolves when a condition holds, looked at after every message. */
  until(holds: () => boolean): Promise<void>
}

type Answer = (message: Omit<ReceivedMessage, 'status'>) => number | Promise<number>

/** A webhook on a port of its own: it keeps what it is sent, and answers as it is told. */
export const startWebhook = async (answer: Answer = () => 204, port = 0): Promise<WebhookReceiver> => {
  const messages: ReceivedMessage[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString()
      const { Records: records = [] } = JSON.parse(body) as { Records?: EventRecord[] }
      const message = { path: request.url ?? '', headers: request.headers, body, records }
      void Promise.resolve(answer(message)).then((status) => {
        messages.push({ ...message, status })
        response.writeHead(status, status === 307 ? { location: '/elsewhere' } : {}).end()
        for (const look of waiting) look()
      })
    })
  })
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve)
  })
  const at = (server.address() as AddressInfo).port
  return {
    url: `http://127.0.0.1:${at}/hook`,
    port: at,
    messages,
    taken: () => messages.filter(({ status }) => status < 300).flatMap(({ records }) => records),
    until: (holds) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!holds()) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
