import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { apiOf, signInAsAdmin } from './api.ts'
import { home, vend } from './client-steps.ts'
import { type Answer, request } from './http.ts'
import { type PlainIssuer, startPlainIssuer } from './issuers/plain-issuer.ts'
import { poll } from './poll.ts'
import { startSystem, type System } from './system.ts'
import { startTraceCollector } from './trace-collector.ts'

const TOKEN = 'a token of the operator'.replaceAll(' ', '-')

/** Tells, in a server, what of OpenTelemetry is loaded (the metrics load its API) and whether anything carries a context. */
const SPY = `
  import { AsyncLocalStorage } from 'node:async_hooks'
  import { registerHooks } from 'node:module'
  const told = new Set()
  const tell = (what) => void (told.has(what) || told.add(what) && process.stderr.write('SPY ' + what + '\\n'))
  registerHooks({ resolve(name, context, next) {
    if (/opentelemetry.(sdk|exporter|context|resources)|open-telemetry.ts$/.test(name)) tell('loads ' + name)
    return next(name, context)
  } })
  for (const name of ['run', 'enterWith']) {
    const own = AsyncLocalStorage.prototype[name]
    AsyncLocalStorage.prototype[name] = function (...given) { tell('context'); return own.apply(this, given) }
  }`
const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(SPY)}`

let system: System
let collector: Awaited<ReturnType<typeof startTraceCollector>>
let issuer: PlainIssuer
before(async () => {
  collector = await startTraceCollector()
  issuer = await startPlainIssuer('/')
  system = await startSystem({
    env: {
      NODE_OPTIONS,
      SKYCRATE_METRICS_TOKEN: TOKEN,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-team=storage%20one',
      SKYCRATE_ISSUERS: JSON.stringify([{ issuer: issuer.issuer, audience: 'files' }]),
    },
  })
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await issuer?.[Symbol.asyncDispose]()
  await collector?.[Symbol.asyncDispose]()
})

const scrape = (authorization = `Bearer ${TOKEN}`): Promise<Answer> =>
  request(`${system.url}/metrics`, { headers: { authorization } })

/** The value of the series with exactly these labels; 0 where there is none. */
function valueOf(text: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  for (const [, series, inner = '', value] of text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)) {
    const given = Object.fromEntries(Array.from(inner.matchAll(/(\w+)="([^"]*)"/g), ([, key, text]) => [key, text]))
    if (series === name && JSON.stringify(given) === JSON.stringify(labels)) return Number(value)
  }
  return 0
}

test('metrics count requests, decisions and sign-ins, and a stranger cannot add a series', async () => {
  const admin = await signInAsAdmin(system)
  const { bucket } = await home(admin)
  for (let i = 0; i < 3; i++) await vend(admin, { bucket, key: `a-${i}`, operation: 'put' })
  const refused = await admin.post('/s3/presigned-url', { bucket: 'not-mine', key: 'a', operation: 'get' })
  assert.equal(refused.status, 403)
  for (let i = 0; i < 5; i++) await request(`${system.url}/api/v1/no-such-${i}`, { method: 'POST' })
  const { status, text } = await scrape()
  assert.equal(status, 200)
  const presigned = { route: '/api/v1/s3/presigned-url', method: 'POST' }
  assert.equal(valueOf(text, 'skycrate_http_requests_total', { ...presigned, status: '200' }), 3)
  assert.equal(valueOf(text, 'skycrate_http_requests_total', { ...presigned, status: '403' }), 1)
  assert.equal(valueOf(text, 'skycrate_http_request_duration_seconds_count', presigned), 4)
  assert.ok(valueOf(text, 'skycrate_http_request_duration_seconds_sum', presigned) > 0)
  const event = (action: string, outcome: string): number =>
    valueOf(text, 'skycrate_audit_events_total', { action, outcome, door: 'rest' })
  assert.equal(event('object.put', 'allow'), 3)
  assert.equal(event('object.get', 'deny'), 1)
  assert.equal(event('auth.login', 'allow'), 1)
  assert.equal(valueOf(text, 'skycrate_database_up'), 1)
  assert.equal(valueOf(text, 'skycrate_permission_cache_fresh'), 1)
  assert.doesNotMatch(text, /no-such/)
})

test('metrics need the token', async () => {
  assert.equal((await scrape('Bearer another-token-of-nobody')).status, 401)
  assert.equal((await request(`${system.url}/metrics`)).status, 401)
})

test('the alert rules and the dashboard ask for metrics that there are', async () => {
  const { text } = await scrape()
  const there = new Set(Array.from(text.matchAll(/^# TYPE (\w+) (\w+)$/gm), ([, name]) => name!))
  const rules = parse(await readFile(new URL('../deploy/monitoring/alerts.yaml', import.meta.url), 'utf8')) as {
    groups: { rules: { alert: string; expr: string }[] }[]
  }
  const dashboard = JSON.parse(
    await readFile(new URL('../deploy/monitoring/dashboard.json', import.meta.url), 'utf8'),
  ) as { panels: { targets: { expr: string }[] }[] }
  const expressions = [
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
    ...dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)),
  ]
  assert.ok(expressions.length > 20)
  const asked = new Set(expressions.flatMap((expr) => expr.match(/\b(?:skycrate|process|nodejs)_\w+/g) ?? []))
  const missing = Array.from(asked, (name) => name.replace(/_bucket$/, '')).filter((name) => !there.has(name))
  assert.deepEqual(missing, [])
  assert.ok(asked.size > 8)
})

test('a request is a span of the trace that it names, with what it waited for, and without names of people and objects', async () => {
  const ada = apiOf(system.url, issuer.token({ sub: 'ada', aud: 'files', email: 'ada@private.example.com' }))
  const { bucket } = await home(ada)
  const traces = Array.from({ length: 3 }, (_, at) => `${at}`.repeat(31) + 'a')
  const traced = (at: number) => ({ headers: { traceparent: `00-${traces[at]}-00f067aa0ba902b7-01` } })
  const wish = { bucket, key: 'quarterly-secret.txt', operation: 'put' }
  const vended = await ada.post('/s3/presigned-url', wish, traced(0))
  assert.equal(vended.status, 200, vended.text)
  assert.equal((await ada.get(`/s3/list/${bucket}`, traced(1))).status, 200)
  const refused = await ada.get(`/s3/list/not-mine-at-all`, traced(2))
  assert.equal(refused.status, 403)

  const of = (trace: string) => collector.spans.filter(({ traceId }) => traceId === trace)
  const [put, list, denied] = await poll('the spans have come', 30_000, () => {
    const roots = traces.map((trace) => of(trace).find(({ parentSpanId }) => parentSpanId === '00f067aa0ba902b7'))
    return roots.every((root) => root !== undefined) && roots
  })
  assert.equal(put?.name, 'POST /api/v1/s3/presigned-url')
  const { 'skycrate.request_id': id, ...attributes } = put.attributes
  assert.equal(id, vended.headers['x-request-id'])
  assert.deepEqual(attributes, {
    'http.request.method': 'POST',
    'http.route': '/api/v1/s3/presigned-url',
    'http.response.status_code': 200,
    'skycrate.action': 'object.put',
    'skycrate.decision': 'allow',
    'skycrate.door': 'rest',
    'skycrate.outcome': 'allow',
  })
  assert.deepEqual([denied?.attributes['skycrate.decision'], denied?.attributes['skycrate.outcome']], ['deny', 'deny'])
  const steps = (root: typeof put) => of(root.traceId).filter(({ parentSpanId }) => parentSpanId === root.spanId)
  assert.ok(steps(put).some(({ name }) => name === 'audit record'))
  assert.ok(steps(list!).some(({ name }) => name === 'store listObjects'))

  // What the first request of a person waits for, and what no request does.
  const everything = await poll('jobs and keys have come', 30_000, () => {
    const names = collector.spans.map(({ name }) => name)
    return names.some((name) => name.startsWith('job ')) && names
  })
  const { host } = new URL(issuer.issuer)
  const keys = collector.spans.find(({ name }) => name === `GET ${host}`)
  assert.equal(keys?.attributes['http.response.status_code'], 200)
  assert.ok(keys.parentSpanId !== undefined && everything.includes('insert users'), everything.join())
  assert.equal(collector.headers[0]?.['x-team'], 'storage one')
  const told = collector.text()
  for (const secret of ['quarterly-secret', 'private.example.com', bucket, system.admin.email, '/healthz']) {
    assert.ok(!told.includes(secret), secret)
  }
  assert.match(system.log(), /SPY loads @opentelemetry\/sdk-trace\n/)
  assert.match(system.log(), /SPY context/)
})

test('without a collector nothing of OpenTelemetry is loaded, and no context is carried along', async () => {
  await using plain = await startSystem({ env: { NODE_OPTIONS } })
  const admin = await signInAsAdmin(plain)
  const { bucket } = await home(admin)
  await vend(admin, { bucket, key: 'a', operation: 'put' })
  assert.doesNotMatch(plain.log(), /SPY/)
})
