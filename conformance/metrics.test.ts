import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { parse } from 'yaml'
import { signInAsAdmin } from './api.ts'
import { home, vend } from './client-steps.ts'
import { type Answer, request } from './http.ts'
import { startSystem, type System } from './system.ts'

const TOKEN = 'a token of the operator'.replaceAll(' ', '-')

let system: System
before(async () => {
  system = await startSystem({ env: { SKYCRATE_METRICS_TOKEN: TOKEN } })
})
after(() => system?.[Symbol.asyncDispose]())

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
