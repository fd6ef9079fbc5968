import type { Duplex } from 'node:stream'
import type { S3ErrorCode } from '../s3-error.ts'
import { S3Error } from '../s3-error.ts'
import { writeXml } from '@skycrate/aws-wire/write-xml'
import { destroyLater } from './linger.ts'
import { errorReply } from './write-reply.ts'

const codeOf = (error: NodeJS.ErrnoException): S3ErrorCode => {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'RequestHeaderSectionTooLarge'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'RequestTimeout'
    default:
      return 'BadRequest'
  }
}

/** Answers bytes that are no HTTP request, too large a head, or one that came too slowly; then hangs up. */
export const answerBrokenRequest = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  // Called again for each piece that still comes after what was answered already: a reset could take that answer away.
  if (socket.writableEnded) return
  // Where there is no TLS connection, there is nobody to answer.
  if (error.code === 'ECONNRESET' || /^ERR_(SSL|TLS)_/.test(error.code ?? '') || !socket.writable) {
    socket.destroy()
    return
  }
  const { body } = errorReply(new S3Error(codeOf(error)), '', '')
  const text = body?.kind === 'xml' ? writeXml(body.root, '') : ''
  socket.end(
    `HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-type: application/xml\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  )
  destroyLater(socket)
}
