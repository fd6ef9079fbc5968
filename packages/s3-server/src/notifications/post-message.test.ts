import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { postMessage } from './post-message.ts'

const OK = 'HTTP/1.1 204 No Content\r\n\r\n'

/** Answers each request on a connection as it is told, in turn; undefined hangs up. */
const startAnswering = async (...answers: readonly (string | undefined)[]) => {
  const requests: string[] = []
  const left = [...answers]
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => {
      requests.push(bytes.toString())
      const answer = left.shift()
      if (answer === undefined) socket.resetAndDestroy()
      else socket.write(answer)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const agent = new Agent({ keepAlive: true })
  const post = (signal = new AbortController().signal) =>
    postMessage(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a?b=c`), '{"é":1}', {
      headers: { 'x-more': 'yes' },
      agent,
      signal,
    })
  return {
    requests,
    post,
    [Symbol.asyncDispose]: async () => {
      agent.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

test('a message is one POST of JSON with its length in bytes', async () => {
  await using hook = await startAnswering(OK)
  assert.equal(await hook.post(), 204)
  assert.match(hook.requests.join(''), /^POST \/a\?b=c HTTP\/1\.1\r\n/)
  assert.match(hook.requests.join(''), /\r\ncontent-length: 8\r\n/i)
  assert.match(hook.requests.join(''), /\r\nx-more: yes\r\n/)
  assert.ok(hook.requests.join('').endsWith('\r\n\r\n{"é":1}'))
})

test('a kept connection that the other end has hung up on is tried once more on a new one', async () => {
  await using hook = await startAnswering(OK, undefined, OK)
  assert.equal(await hook.post(), 204)
  assert.equal(await hook.post(), 204)
  assert.ok(hook.requests.length >= 3)
})

test('a new connection that is hung up on is an error', async () => {
  await using hook = await startAnswering(undefined, OK)
  await assert.rejects(hook.post(), { code: 'ECONNRESET' })
})

test('redirects and errors are told as they are, and a long answer is not read to its end', async () => {
  await using hook = await startAnswering(
    'HTTP/1.1 308 Permanent Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n',
    'HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n',
    `HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n${'x'.repeat(200_000)}`,
  )
  assert.deepEqual([await hook.post(), await hook.post(), await hook.post()], [308, 500, 200])
})

test('an answer that does not come, or not to its end, is cut off by the signal', async () => {
  await using hook = await startAnswering('', 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf')
  await assert.rejects(hook.post(AbortSignal.timeout(30)), { name: 'AbortError' })
  await assert.rejects(hook.post(AbortSignal.timeout(30)))
})
