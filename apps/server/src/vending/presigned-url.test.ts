import assert from 'node:assert/strict'
import { test } from 'node:test'
import { actionSet } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { createGate } from '../access/create-gate.ts'
import type { NewAuditEvent } from '../audit/audit-event.ts'
import { NO_QUOTAS } from '../quotas/test-meter.ts'
import { AppError } from '../errors/app-error.ts'
import { createPresignerSource } from '../stores/s3/presigner-source.ts'
import { createPresignedUrls } from './presigned-url.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const MINUTE = 60_000
const IN_AN_HOUR = new Date(NOW + 60 * MINUTE).toISOString()
const caller: Caller = { userId: 'usr_alice', groups: [] }
const origin = { requestId: 'req_1', ip: null, userAgent: null, door: 'rest' as const }

/** @param ends of the permission, and of the credentials that sign, in milliseconds from now */
function vending(ends: { permission?: number; credentials?: number }) {
  const recorded: NewAuditEvent[] = []
  const permission = {
    id: 'prm_1',
    principal: { kind: 'everyone' },
    store: DEFAULT_STORE,
    bucket: 'b',
    prefix: 'x/',
    actions: actionSet(['read', 'write']),
    expiresAt: ends.permission === undefined ? undefined : NOW + ends.permission,
  } as const
  const set = permissionSet([permission], caller)
  const permissions = {
    peek: () => set,
    isCurrent: () => true,
    permissionsOf: () => Promise.resolve(set),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
  const audit = { record: async (event: NewAuditEvent) => void recorded.push(event) }
  const now = (): number => NOW
  const keys = { accessKeyId: 'a', secretAccessKey: 's' }
  const signer = createPresignerSource({
    endpoint: 'https://s3.example.com',
    region: 'us-east-1',
    regionOf: () => undefined,
    isAccelerated: () => false,
    addressing: 'path',
    credentials:
      ends.credentials === undefined
        ? keys
        : () => Promise.resolve({ ...keys, sessionToken: 't', expiration: new Date(NOW + (ends.credentials ?? 0)) }),
    now,
  })
  const presences = { isKnown: () => true, isMissing: () => Promise.resolve(false) }
  const urls = createPresignedUrls({
    meter: NO_QUOTAS,
    gate: createGate({ permissions, audit, presences, now }),
    delivery: { signerOf: () => assert.fail('no delivery') },
    signerOf: () => signer,
    now,
  })
  return { urls, recorded }
}

test('a URL ends when it was asked to, and never later than the permission or the keys that signed it', async () => {
  const cases = [
    [{}, undefined, 60],
    [{}, 120, 2],
    [{ permission: 5 * MINUTE }, undefined, 5],
    [{ permission: 5 * MINUTE }, 60, 1],
    [{ credentials: 30 * MINUTE }, undefined, 30],
    [{ permission: 5 * MINUTE, credentials: 30 * MINUTE }, 604_800, 5],
  ] as const
  for (const [ends, expiresIn, minutes] of cases) {
    const wish = {
      bucket: 'b',
      key: 'x/y',
      operation: 'get',
      ...(expiresIn === undefined ? {} : { expiresIn }),
    } as const
    const { urls, recorded } = vending(ends)
    const { url, expiresAt } = await urls.vend(caller, wish, origin)
    assert.equal(expiresAt, new Date(NOW + minutes * MINUTE).toISOString(), JSON.stringify([ends, expiresIn]))
    assert.equal(new URL(url).searchParams.get('X-Amz-Expires'), String(minutes * 60))
    assert.deepEqual(recorded[0]?.detail, { permissionId: 'prm_1', expiresAt }, 'the log says until when')
  }
})

test('a permission that has ended, or ends within the second, gives no URL', async () => {
  for (const [permission, outcome] of [
    [-1, 'deny'],
    [0, 'deny'],
    [999, 'error'],
  ] as const) {
    const { urls, recorded } = vending({ permission })
    await assert.rejects(
      urls.vend(caller, { bucket: 'b', key: 'x/y', operation: 'get' }, origin),
      (error) => error instanceof AppError && error.code === 'forbidden',
    )
    assert.equal(recorded.at(-1)?.outcome, outcome, 'the log does not end with a yes that came to nothing')
  }
})

test('each operation needs its own action, is signed for its own method, and is recorded under its own name', async () => {
  const { urls, recorded } = vending({})
  for (const [operation, method] of [
    ['get', 'GET'],
    ['head', 'HEAD'],
    ['put', 'PUT'],
  ] as const) {
    assert.equal((await urls.vend(caller, { bucket: 'b', key: 'x/y', operation }, origin)).method, method)
  }
  await assert.rejects(urls.vend(caller, { bucket: 'b', key: 'x/y', operation: 'delete' }, origin))
  assert.deepEqual(
    recorded.map((event) => [event.action, event.outcome, event.reason, event.detail]),
    [
      ['object.get', 'allow', null, { permissionId: 'prm_1', expiresAt: IN_AN_HOUR }],
      ['object.head', 'allow', null, { permissionId: 'prm_1', expiresAt: IN_AN_HOUR }],
      ['object.put', 'allow', null, { permissionId: 'prm_1', expiresAt: IN_AN_HOUR }],
      ['object.delete', 'deny', 'no-permission', undefined],
    ],
  )
})

test('an upload that must not replace anything is signed with its condition, and only an upload can have one', async () => {
  const { urls } = vending({})
  const wish = { bucket: 'b', key: 'x/y', ifNoneMatch: '*' } as const
  const { url, headers } = await urls.vend(caller, { ...wish, operation: 'put' }, origin)
  assert.deepEqual(headers, { 'if-none-match': '*' })
  assert.equal(new URL(url).searchParams.get('X-Amz-SignedHeaders'), 'host;if-none-match')
  await assert.rejects(
    urls.vend(caller, { ...wish, operation: 'get' }, origin),
    (error) => error instanceof AppError && error.errors?.[0]?.path === '/ifNoneMatch',
  )
})

test('an upload whose content is known is signed with its checksum, which is recorded', async () => {
  const { urls, recorded } = vending({})
  const checksumSha256 = 'uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek='
  const wish = { bucket: 'b', key: 'x/y', checksumSha256 } as const
  const { url, headers } = await urls.vend(caller, { ...wish, operation: 'put' }, origin)
  assert.deepEqual(headers, { 'x-amz-checksum-sha256': checksumSha256 })
  assert.equal(new URL(url).searchParams.get('X-Amz-SignedHeaders'), 'host;x-amz-checksum-sha256')
  assert.equal((recorded[0]!.detail as { checksumSha256?: string }).checksumSha256, checksumSha256)
  await assert.rejects(
    urls.vend(caller, { ...wish, operation: 'get' }, origin),
    (error) => error instanceof AppError && error.errors?.[0]?.path === '/checksumSha256',
  )
})

test('a batch answers each as if it had been asked alone, and records the same', async () => {
  const requests = [
    { bucket: 'b', key: 'x/1', operation: 'get' },
    { bucket: 'b', key: '../x', operation: 'get' },
    { bucket: 'b', key: 'x/2', operation: 'put', contentType: 'text/plain', contentLength: 5 },
    { bucket: 'b', key: 'x2/1', operation: 'get' },
    { bucket: 'b', key: 'x/3', operation: 'get', expiresIn: 60 },
    { bucket: 'b', key: 'x/4', operation: 'get', contentType: 'text/plain' },
    { bucket: 'b', key: 'x/5', operation: 'head' },
    { bucket: 'b', key: 'x/6', operation: 'get', versionId: 'v1' },
  ] as const
  const alone = vending({ permission: 50 * MINUTE })
  const expected = await Promise.allSettled(requests.map((each) => alone.urls.vend(caller, each, origin)))
  const together = vending({ permission: 50 * MINUTE })
  assert.deepEqual(await together.urls.vendEach(caller, requests, origin), expected)
  const sorted = (events: readonly NewAuditEvent[]) =>
    events.toSorted((a, b) => (String(a.key) < String(b.key) ? -1 : 1))
  assert.deepEqual(sorted(together.recorded), sorted(alone.recorded))
  assert.deepEqual(await together.urls.vendEach(caller, [], origin), [])
})
