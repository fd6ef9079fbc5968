import type { XmlElement } from '@skycrate/aws-wire/write-xml'

/** Bytes that are sent as they are read. */
export interface StreamBody {
  readonly length: number
  /** A piece may be good only until the next one is asked for. */
  readonly stream: AsyncIterable<Buffer>
  /** Called once when the answer is over, however it ended. */
  readonly release: () => void
}

/** What an operation answers. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly body?:
    | { readonly kind: 'xml'; readonly root: XmlElement; readonly namespace?: string }
    | { readonly kind: 'text'; readonly text: string; readonly contentType: string }
    | ({ readonly kind: 'stream' } & StreamBody)
}

export const xmlReply = (root: XmlElement, headers: Readonly<Record<string, string | undefined>> = {}): Reply => ({
  status: 200,
  headers,
  body: { kind: 'xml', root },
})

export const emptyReply = (
  status: 200 | 204 | 304,
  headers: Readonly<Record<string, string | undefined>> = {},
): Reply => ({
  status,
  headers,
})
