import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createClient } from '../client.ts'
import { memoryTokenStore } from '../sessions/token-store.ts'
import { startUpload } from './upload-task.ts'

const PART = 1000
const SIZE = 2500

type Answer = (response: ServerResponse, attempt: number, body: Buffer) => void

/** An API and a store on one port, of which each step can fail. @param answers by `METHOD path` without its query's signature */
async function servers(answers: Readonly<Record<string, Answer>>) {
  const seen: string[] = []
  const parts = new Map<number, Buffer>()
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('error', () => undefined)
    request.on('end', () => {
      const body = Buffer.concat(chunks)
      const name = `${request.method} ${request.url?.replace('/api/v1', '')}`
      seen.push(name)
      const custom = answers[name]
      const attempt = seen.filter((each) => each === name).length
      if (custom) custom(response, attempt, body)
      if (response.writableEnded || response.destroyed) return
      const json = (value: unknown): void =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      const part = /^PUT \/store\/(\d)$/.exec(name)
      if (part) {
        parts.set(Number(part[1]), body)
        response.writeHead(200, { etag: `"${part[1]}"` }).end()
      } else if (name === 'POST /s3/multipart') json({ uploadId: 'u', partSize: PART, expiresAt: '' })
      else if (name === 'POST /s3/multipart/parts') {
        const { partNumbers } = JSON.parse(body.toString()) as { partNumbers: number[] }
        json({
          parts: partNumbers.map((partNumber) => ({ partNumber, url: `${url}/store/${partNumber}`, headers: {} })),
        })
      } else if (name === 'POST /s3/multipart/complete')
        json({ etag: 'whole', asked: JSON.parse(body.toString()) as object })
      else response.writeHead(404).end()
    })
  }
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const tokens = memoryTokenStore({ accessToken: 't', refreshToken: 'r', accessExpiresAt: Date.now() + 3_600_000 })
  return {
    client: createClient({ baseUrl: url, tokens }),
    seen,
    bytes: () => Buffer.concat([...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part)),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const source = new Uint8Array(SIZE).map((_, index) => index % 251)
const options = { bucket: 'b', key: 'k', partsFrom: 1 }
const problem = (response: ServerResponse, status: number, code: string): void =>
  void response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ type: '', title: code, status, code, requestId: 'req_1' }))

test('a part that is refused for a while, one whose URL has expired and one whose connection breaks are sent again', async () => {
  await using running = await servers({
    'PUT /store/1': (response, attempt) => void (attempt < 3 && response.writeHead(503).end()),
    'PUT /store/2': (response, attempt) =>
      void (attempt === 1 && response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>')),
    'PUT /store/3': (response, attempt) => void (attempt === 1 && response.destroy()),
  })
  const progress: number[] = []
  const { etag } = await startUpload(running.client, source, { ...options, onProgress: (sent) => progress.push(sent) })
    .result
  assert.equal(etag, 'whole')
  assert.deepEqual(running.bytes(), Buffer.from(source))
  assert.equal(progress.at(-1), SIZE)
  assert.equal(running.seen.filter((name) => name === 'PUT /store/1').length, 3)
  assert.ok(running.seen.filter((name) => name === 'POST /s3/multipart/parts').length >= 2, 'a new URL was asked for')
})

test('what is refused for good is not sent again, and stops the other parts', async () => {
  await using running = await servers({
    'PUT /store/2': (response) => void response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>'),
  })
  const task = startUpload(running.client, source, { ...options, parallel: 1 })
  await assert.rejects(task.result, { code: 'transfer-failed', status: 403 })
  assert.equal(task.state, 'failed')
  assert.equal(running.seen.filter((name) => name === 'PUT /store/2').length, 2, 'once with a new URL')
  assert.ok(!running.seen.includes('PUT /store/3'))
})

test('where the answer of the completion is lost, the object that is there is the result', async () => {
  const found = { objects: [{ key: 'k', size: SIZE, etag: 'e', lastModified: '' }], prefixes: [], nextCursor: null }
  for (const [objects, isThere] of [
    [found, true],
    [{ ...found, objects: [] }, false],
  ] as const) {
    await using running = await servers({
      'POST /s3/multipart/complete': (response, attempt) =>
        attempt === 1 ? void response.destroy() : problem(response, 404, 'upload-missing'),
      'GET /s3/list/b?prefix=k&limit=1': (response) =>
        void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(objects)),
    })
    const { result } = startUpload(running.client, source, options)
    if (isThere) assert.deepEqual(await result, { etag: undefined })
    else await assert.rejects(result, { code: 'upload-missing' })
  }
})
