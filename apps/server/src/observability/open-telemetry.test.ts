import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { pino } from 'pino'
import { startTracing } from './open-telemetry.ts'
import { patientExporter } from './patient-exporter.ts'

const REQUESTS = 20_000

test('a collector that never answers keeps no more than a bounded number of spans waiting, and no request', async () => {
  const held: ServerResponse[] = []
  let hangs = true
  let received = 0
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      received += text.split('"spanId"').length - 1
      if (hangs) held.push(response)
      else response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const lines: string[] = []
  const logger = pino({}, { write: (line: string) => void lines.push(line) })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  try {
    const tracing = startTracing({ url, headers: {}, serviceName: 'test', ratio: 1 }, logger)
    for (let at = 0; at < REQUESTS; at++) {
      const trace = tracing.request({})
      await new Promise<void>((resolve) => trace.run(() => void tracing.step('step', {}, async () => {}).then(resolve)))
      trace.end('GET /', {}, false)
      if (at % 500 === 0) await setImmediate()
    }
    hangs = false
    for (const response of held) response.end('{}')
    await tracing[Symbol.asyncDispose]()
    // What waited was sent at the end, and found room on its way: it was no more than that.
    assert.ok(received > 0 && received <= 2048 + 8 * 512, `${received} of ${2 * REQUESTS} spans were kept`)
    assert.deepEqual(lines, [])
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('a trace that is no trace is not taken over, and what follows a request is not part of it', async () => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => bodies.push(chunk.toString())).on('end', () => response.end('{}'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  try {
    const tracing = startTracing({ url, headers: {}, serviceName: 'test', ratio: 1 }, pino({ level: 'silent' }))
    const id = 'ab'.repeat(16)
    for (const traceparent of [
      `00-${id}-${'0'.repeat(16)}-01`,
      `00-${id}-1-01`,
      `ff-${id}-${'1'.repeat(16)}-01`,
      [id],
    ]) {
      tracing.request({ traceparent }).end('none', {}, false)
    }
    const trace = tracing.request({ traceparent: `00-${'cd'.repeat(16)}-${'1'.repeat(16)}-01` })
    let later = Promise.resolve()
    trace.run(() => {
      later = setImmediate().then(() => tracing.step('late', {}, async () => {}))
    })
    trace.end('one', {}, false)
    await later
    await tracing[Symbol.asyncDispose]()
    const told = bodies.join('')
    assert.ok(!told.includes(id) && told.includes('cd'.repeat(16)))
    assert.ok(told.includes('"one"') && !told.includes('"late"'))
  } finally {
    server.closeAllConnections()
    server.close()
  }
})

test('a collector that is away is told once a minute, with what was lost, and when it is back', () => {
  const lines: unknown[][] = []
  const logger = {
    warn: (...line: unknown[]) => void lines.push(line),
    info: (...line: unknown[]) => void lines.push(line),
  }
  let time = 0
  let code = 1
  const failing = {
    export: (_spans: unknown, done: (result: { code: number; error?: Error }) => void) =>
      done(code === 0 ? { code } : { code, error: new Error('away') }),
    shutdown: async () => {},
  }
  const exporter = patientExporter(failing, logger as never, () => time)
  const send = () => exporter.export([{}, {}] as never, () => {})
  for (; time < 130_000; time += 1000) send()
  assert.deepEqual(
    lines.map(([fields]) => (fields as { lostSpans: number }).lostSpans),
    [2, 122, 242],
  )
  code = 0
  send()
  send()
  assert.deepEqual(lines.at(-1), [{ lostSpans: 260 }, 'the collector takes traces again'])
  assert.equal(lines.length, 4)
})
