import type { ServerResponse } from 'node:http'
import type { Reply, StreamBody } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import type { Sender, SendThreads } from '../sending/send-threads.ts'
import type { FileRange, Outlet } from '../store/blobs/read-stored.ts'
import { isFullDisk } from '../store/is-full-disk.ts'
import { element, writeXml } from '../xml/write-xml.ts'

/** S3's error document. HEAD answers have no body, which Node leaves out by itself. */
export const errorReply = (error: S3Error, resource: string, requestId: string): Reply => {
  if (error.status === 304) return { status: 304, headers: error.headers }
  return {
    status: error.status,
    headers: error.headers,
    body: {
      kind: 'xml',
      namespace: '',
      root: element('Error', [
        element('Code', error.code),
        element('Message', error.message),
        ...Object.entries(error.fields).map(([name, value]) => element(name, value)),
        element('Resource', resource),
        element('RequestId', requestId),
      ]),
    },
  }
}

/** Errors of the system that S3 has an answer for; everything else is a bare InternalError. */
export const toS3Error = (error: unknown): S3Error => {
  if (error instanceof S3Error) return error
  if (isFullDisk(error)) {
    return new S3Error('ServiceUnavailable', { message: 'The disk of the server is full.', cause: error })
  }
  const { code } = error as { code?: unknown }
  if (code === 'EMFILE' || code === 'ENFILE') return new S3Error('ServiceUnavailable', { cause: error })
  return new S3Error('InternalError', { cause: error })
}

type WritePiece = (bytes: Buffer, isWhole: boolean) => Promise<void>

/**
 * What writes one piece of an answer. Its promise resolves when the system has taken the bytes, so that their memory is
 * free again, and rejects when the client goes away.
 */
const pieceWriter = (response: ServerResponse): WritePiece => {
  let fail: ((error: Error) => void) | undefined
  const gone = (): Error => new Error('the client went away')
  // Bytes that wait behind the answer before them are dropped without a word.
  response.once('close', () => fail?.(gone()))
  return (bytes, isWhole) =>
    new Promise((resolve, reject) => {
      if (response.destroyed) throw gone()
      fail = reject
      const done = (error?: Error | null): void => {
        if (error) reject(error)
        else resolve()
      }
      if (isWhole) response.end(bytes, done)
      else response.write(bytes, done)
    })
}

/** How large answers may be sent beside Node's own way. */
export interface Sending {
  readonly threads: SendThreads
  /** Told of bytes that Node does not count. */
  readonly onSent: (bytes: number) => void
}

/**
 * Sends an answer. Rejects when the bytes can't be read to their end; the connection must then be cut.
 *
 * @param sending absent: everything in Node's own way
 */
export const writeReply = async (response: ServerResponse, reply: Reply, sending?: Sending): Promise<void> => {
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    if (value !== undefined) response.setHeader(name, value)
  }
  const { body } = reply
  if (body === undefined) {
    if (reply.status !== 204 && reply.status !== 304 && !response.hasHeader('content-length')) {
      response.setHeader('content-length', 0)
    }
    response.writeHead(reply.status)
    response.end()
    return
  }
  if (body.kind !== 'stream') {
    const bytes = Buffer.from(body.kind === 'xml' ? writeXml(body.root, body.namespace) : body.text)
    response.setHeader('content-type', body.kind === 'xml' ? 'application/xml' : body.contentType)
    response.setHeader('content-length', bytes.length)
    response.writeHead(reply.status)
    response.end(bytes)
    return
  }
  await writeStream(response, reply.status, body, sending)
}

/** Bytes from which an answer is worth a thread, when there are several. */
const LARGE_ANSWER = 1024 ** 2

/** Lets threads send of an answer what they can. */
class ThreadOutlet implements Outlet, Disposable {
  readonly #response: ServerResponse
  readonly #sending: Sending
  readonly #write: WritePiece
  readonly #entry: Disposable | undefined
  #sender: Sender | undefined
  /** Bytes of the body that went out here. */
  taken = 0

  constructor(response: ServerResponse, sending: Sending, write: WritePiece, length: number) {
    this.#response = response
    this.#sending = sending
    this.#write = write
    this.#entry = length < LARGE_ANSWER ? undefined : sending.threads.enter()
  }

  isOpen(): boolean {
    return this.#sending.threads.isWorthwhile
  }

  async take(range: FileRange): Promise<number> {
    const { socket } = this.#response
    if (socket === null) return 0
    this.#sender ??= await this.#sending.threads.open(socket)
    // What Node still holds goes first.
    if (this.#sender === undefined || socket.destroyed || socket.writableLength > 0) return 0
    const { sent, rest } = await this.#sender.send(range)
    this.#sending.onSent(sent)
    // Node saw nothing of it, and would take the connection for an idle one.
    socket.setTimeout(socket.timeout ?? 0)
    if (rest.length > 0) await this.#write(Buffer.from(rest.buffer, rest.byteOffset, rest.length), false)
    this.taken += sent + rest.length
    return sent + rest.length
  }

  [Symbol.dispose](): void {
    this.#entry?.[Symbol.dispose]()
    this.#sender?.[Symbol.dispose]()
  }
}

const writeStream = async (
  response: ServerResponse,
  status: number,
  body: StreamBody,
  sending: Sending | undefined,
): Promise<void> => {
  const write = pieceWriter(response)
  using outlet = sending === undefined ? undefined : new ThreadOutlet(response, sending, write, body.length)
  const pieces = body.read(outlet)
  let written = 0
  try {
    // The first piece before the head: bytes that can't be read at all still become a proper error.
    let piece = await pieces.next()
    response.setHeader('content-length', body.length)
    // Explicitly: a head written by end() would have its Content-Disposition decoded once more by Node.
    response.writeHead(status)
    while (piece.done !== true) {
      written += piece.value.length
      // One piece goes out together with the head and the end.
      await write(piece.value, piece.value.length === body.length)
      piece = await pieces.next()
    }
  } finally {
    // Closes the file, and gives its memory back, when this was left early.
    await pieces.return()
  }
  if (written + (outlet?.taken ?? 0) !== body.length) throw new Error('an object is shorter than its length')
  response.end()
}
