import { request as requestHttp } from 'node:http'
import type { Agent } from 'node:http'
import { request as requestHttps } from 'node:https'

/** Bytes of an answer that are read; what it says beyond its status is of no interest. */
const MAX_ANSWER_BYTES = 65_536

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly agent: Agent
  readonly signal: AbortSignal
}

const postOnce = (
  url: URL,
  body: string,
  { headers, agent, signal }: PostOptions,
  onStale: () => void,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const bytes = Buffer.from(body)
    const request = send(url, {
      method: 'POST',
      agent,
      signal,
      headers: {
        'content-type': 'application/json',
        'content-length': bytes.length,
        'user-agent': 'SkyCrate',
        ...headers,
      },
    })
    request.on('error', (error: NodeJS.ErrnoException) => {
      if (request.reusedSocket && /^(ECONNRESET|EPIPE)$/.test(error.code ?? '')) onStale()
      reject(error)
    })
    request.on('response', (response) => {
      let read = 0
      const { statusCode = 0 } = response
      response.on('data', (piece: Buffer) => {
        read += piece.length
        if (read > MAX_ANSWER_BYTES) response.destroy()
      })
      response.on('error', reject)
      // Only now, so that the connection is free for the next message.
      response.on('close', () => {
        resolve(statusCode)
      })
    })
    request.end(bytes)
  })

/**
 * Sends a JSON body and gives the status of the answer. Redirects are not followed.
 *
 * @throws the system's errors, and the signal's reason
 */
export const postMessage = async (url: URL, body: string, options: PostOptions): Promise<number> => {
  for (;;) {
    let isStale = false
    try {
      return await postOnce(url, body, options, () => {
        isStale = true
      })
    } catch (error) {
      // The other end hung up on a connection that was kept: that says nothing of what a new one brings.
      if (!isStale) throw error
    }
  }
}
