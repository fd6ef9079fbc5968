import { MalformedXmlError } from '@skycrate/aws-wire/malformed-xml-error'
import type { ServerResponse } from 'node:http'
import type { Reply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'
import { isFullDisk } from '../store/is-full-disk.ts'
import { element, writeXml } from '@skycrate/aws-wire/write-xml'

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
  if (error instanceof MalformedXmlError) return new S3Error('MalformedXML', { cause: error })
  if (isFullDisk(error)) {
    return new S3Error('ServiceUnavailable', { message: 'The disk of the server is full.', cause: error })
  }
  const { code } = error as { code?: unknown }
  if (code === 'EMFILE' || code === 'ENFILE') return new S3Error('ServiceUnavailable', { cause: error })
  return new S3Error('InternalError', { cause: error })
}

/**
 * What writes one piece of an answer. Its promise resolves when the system has taken the bytes, so that their memory is
 * free again, and rejects when the client goes away.
 */
const pieceWriter = (response: ServerResponse): ((bytes: Buffer, isWhole: boolean) => Promise<void>) => {
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

/** Sends an answer. Rejects when the bytes can't be read to their end; the connection must then be cut. */
export const writeReply = async (response: ServerResponse, reply: Reply): Promise<void> => {
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
  const pieces = body.stream[Symbol.asyncIterator]()
  let left = body.length
  try {
    // The first piece before the head: bytes that can't be read at all still become a proper error.
    let piece = await pieces.next()
    response.setHeader('content-length', body.length)
    // Explicitly: a head written by end() would have its Content-Disposition decoded once more by Node.
    response.writeHead(reply.status)
    const write = pieceWriter(response)
    while (piece.done !== true) {
      left -= piece.value.length
      // One piece goes out together with the head and the end.
      await write(piece.value, piece.value.length === body.length)
      piece = await pieces.next()
    }
  } finally {
    // Closes the file, and gives its memory back, when this was left early.
    await pieces.return?.()
  }
  if (left !== 0) throw new Error('an object is shorter than its length')
  response.end()
}
