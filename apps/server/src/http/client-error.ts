import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import { type Problem, PROBLEMS } from '@skycrate/contract/problem'
import { createId } from '@skycrate/core/naming/id'

/** The largest head of a request, in bytes: room for the longest token that is read, and for what comes with it. */
export const MAX_HEADER_BYTES = 64 * 1024

const DETAILS: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: `The headers together have more than ${MAX_HEADER_BYTES / 1024} KB.`,
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive in time.',
}

/** Answers what could not be read as a request, with a problem as everything else, and ends its connection. */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  // The other side has gone, there is no TLS connection to answer on, or an answer is already on its way.
  if (
    error.code === 'ECONNRESET' ||
    /^ERR_(SSL|TLS)_/.test(error.code ?? '') ||
    !socket.writable ||
    socket.bytesWritten > 0
  ) {
    socket.destroy()
    return
  }
  const code = 'invalid-request'
  const { status, title } = PROBLEMS[code]
  const detail = DETAILS[error.code ?? ''] ?? 'This is no HTTP request.'
  const requestId = createId('req', Date.now(), randomBytes(10))
  const problem: Problem = { type: `/docs/errors/${code}`, title, status, code, detail, requestId }
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${status} Bad Request`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    `x-request-id: ${requestId}`,
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
