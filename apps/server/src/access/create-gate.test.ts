import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { actionSet } from '@skycrate/core/access/operation'
import type { Caller } from '@skycrate/core/access/permission'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { AppError } from '../errors/app-error.ts'
import type { NewAuditEvent } from '../audit/audit-event.ts'
import { createGate } from './create-gate.ts'

const caller: Caller = { userId: 'usr_alice', groups: [] }
const origin = { requestId: 'req_1', ip: null, userAgent: null, door: 'rest' as const }
const set = permissionSet(
  [
    {
      id: 'prm_1',
      principal: { kind: 'everyone' },
      store: DEFAULT_STORE,
      bucket: 'b',
      prefix: 'x/',
      actions: actionSet(['read']),
    },
  ],
  caller,
)
const permissions = {
  peek: () => set,
  isCurrent: () => true,
  permissionsOf: () => Promise.resolve(set),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}
const presences = { isKnown: () => true, isMissing: () => Promise.resolve(false) }

for (const [what, key] of [
  ['a yes', 'x/y'],
  ['a no', 'elsewhere/y'],
] as const) {
  test(`${what} is told once its event is durable, and not before`, async () => {
    const { promise: durable, resolve } = Promise.withResolvers<void>()
    const gate = createGate({ permissions, audit: { record: () => durable }, presences, now: Date.now })
    let told = false
    const passing = gate
      .pass(caller, { action: 'read', store: DEFAULT_STORE, bucket: 'b', key }, 'object.get', origin)
      .finally(() => {
        told = true
      })
    passing.catch(() => undefined)
    for (let i = 0; i < 5; i++) await turn()
    assert.equal(told, false)
    resolve()
    await passing.catch(() => undefined)
    assert.equal(told, true)
  })

  test(`without a log there is neither yes nor no: ${what} is answered by the log's own failure`, async () => {
    const audit = { record: () => Promise.reject(new AppError('audit-unavailable')) }
    const gate = createGate({ permissions, audit, presences, now: Date.now })
    await assert.rejects(
      gate.pass(caller, { action: 'read', store: DEFAULT_STORE, bucket: 'b', key }, 'object.get', origin),
      (error) => error instanceof AppError && error.code === 'audit-unavailable',
    )
  })
}

test('what was taken away while its event was written is not released, and the refusal is recorded', async () => {
  const recorded: string[] = []
  let taken = false
  const audit = {
    record: async (event: { outcome: string }) => {
      recorded.push(event.outcome)
      taken = true
    },
  }
  const nothing = permissionSet([], caller)
  const changing = {
    ...permissions,
    isCurrent: () => !taken,
    permissionsOf: () => Promise.resolve(taken ? nothing : set),
  }
  const gate = createGate({ permissions: changing, audit, presences, now: Date.now })
  const operation = { action: 'read', store: DEFAULT_STORE, bucket: 'b', key: 'x/y' } as const
  const isForbidden = (error: unknown): boolean => error instanceof AppError && error.code === 'forbidden'
  await assert.rejects(gate.pass(caller, operation, 'object.get', origin), isForbidden)
  taken = false
  const vending = gate.vend(caller, operation, 'object.get', origin, async () => ({
    release: () => 'a URL',
    detail: {},
  }))
  await assert.rejects(vending, isForbidden)
  taken = false
  const location = { store: DEFAULT_STORE, bucket: 'b', prefix: 'x/', actions: ['read'], needed: 'all' } as const
  const given = gate.vendLocation(caller, location, origin, async () => ({ released: 'credentials', detail: {} }))
  await assert.rejects(given, isForbidden)
  assert.deepEqual(recorded, ['allow', 'deny', 'allow', 'deny', 'allow', 'deny'])
})

test('whatever form access takes, none is given out for a bucket that is missing, and whoever is refused is not told', async () => {
  const recorded: unknown[] = []
  const audit = { record: async (event: NewAuditEvent) => void recorded.push([event.outcome, event.reason]) }
  const missing = {
    isKnown: () => false,
    isMissing: (_store: string, bucket: string) => Promise.resolve(bucket === 'b'),
  }
  const gate = createGate({ permissions, audit, presences: missing, now: Date.now })
  const prepare = () => assert.fail('it was prepared')
  const at = (key: string) => ({ action: 'read', store: DEFAULT_STORE, bucket: 'b', key }) as const
  const place = (prefix: string) =>
    ({ store: DEFAULT_STORE, bucket: 'b', prefix, actions: ['read'], needed: 'all' }) as const
  const answers = (code: string) => (error: unknown) => error instanceof AppError && error.code === code
  await assert.rejects(gate.vend(caller, at('x/y'), 'object.get', origin, prepare), answers('bucket-missing'))
  await assert.rejects(gate.vendLocation(caller, place('x/'), origin, prepare), answers('bucket-missing'))
  await assert.rejects(gate.vend(caller, at('z'), 'object.get', origin, prepare), answers('forbidden'))
  await assert.rejects(gate.vendLocation(caller, place('z/'), origin, prepare), answers('forbidden'))
  assert.deepEqual(recorded, [
    ['error', 'bucket-missing'],
    ['error', 'bucket-missing'],
    ['deny', 'no-permission'],
    ['deny', 'no-permission'],
  ])
})

const wishAt = (key: string, release = (): string => key) => ({
  operation: { action: 'read', store: DEFAULT_STORE, bucket: 'b', key } as const,
  auditAs: 'object.get' as const,
  prepare: () => ({ release, detail: {} }),
})
const said = (results: readonly PromiseSettledResult<string>[]): unknown[] =>
  results.map((each) => (each.status === 'fulfilled' ? each.value : (each.reason as AppError).code))

test('of many wishes each is decided on and recorded by itself, in its place, and nothing is signed before all is durable', async () => {
  const { promise: durable, resolve } = Promise.withResolvers<void>()
  const recorded: unknown[] = []
  const audit = {
    record: (event: NewAuditEvent) => {
      recorded.push([event.outcome, event.key])
      return durable
    },
  }
  const known = { isKnown: (_store: string, bucket: string) => bucket === 'b', isMissing: async () => true }
  const wide = permissionSet(
    ['b', 'gone'].map((bucket) => ({
      id: `prm_${bucket}`,
      principal: { kind: 'everyone' as const },
      store: DEFAULT_STORE,
      bucket,
      prefix: 'x/',
      actions: actionSet(['read']),
    })),
    caller,
  )
  const gate = createGate({
    permissions: { ...permissions, peek: () => wide },
    audit,
    presences: known,
    now: Date.now,
  })
  let signed = 0
  const counted = (key: string) => wishAt(key, () => `${key} ${++signed}`)
  const elsewhere = counted('x/3')
  const broken = { ...counted('x/4'), prepare: () => assert.fail('no signer') }
  const slow = { ...counted('x/5'), prepare: async () => ({ release: () => 'slow', detail: {} }) }
  const wishes = [
    counted('x/1'),
    counted('x2/1'),
    counted('x/2'),
    { ...elsewhere, operation: { ...elsewhere.operation, bucket: 'gone' } },
    broken,
    slow,
  ]
  const vending = gate.vendEach(caller, wishes, origin)
  for (let i = 0; i < 5; i++) await turn()
  assert.equal(signed, 0)
  resolve()
  const results = await vending
  const [one, refused, two, missing, failed, last] = said(results)
  assert.deepEqual([one, refused, two, missing, last], ['x/1 1', 'forbidden', 'x/2 2', 'bucket-missing', 'slow'])
  assert.equal(failed, 'ERR_ASSERTION')
  const allowed = recorded.filter((each) => (each as string[])[0] === 'allow')
  assert.deepEqual(
    allowed.map((each) => (each as string[])[1]),
    ['x/1', 'x/2', 'x/5'],
  )
  assert.equal(recorded.length, wishes.length)
})

test('of many wishes none is released without a log, nor what was taken away while its event was written', async () => {
  const failing = { record: () => Promise.reject(new AppError('audit-unavailable')) }
  const gate = createGate({ permissions, audit: failing, presences, now: Date.now })
  let signed = 0
  const counted = wishAt('x/y', () => String(++signed))
  await assert.rejects(
    gate.vendEach(caller, [counted, counted], origin),
    (error) => error instanceof AppError && error.code === 'audit-unavailable',
  )
  const recorded: string[] = []
  const audit = { record: async (event: NewAuditEvent) => void recorded.push(`${event.outcome} ${event.key}`) }
  const half = permissionSet(
    [
      {
        id: 'prm_2',
        principal: { kind: 'everyone' },
        store: DEFAULT_STORE,
        bucket: 'b',
        prefix: 'x/kept/',
        actions: actionSet(['read']),
      },
    ],
    caller,
  )
  const changing = { ...permissions, isCurrent: () => false, permissionsOf: () => Promise.resolve(half) }
  const late = createGate({ permissions: changing, audit, presences, now: Date.now })
  const results = await late.vendEach(caller, [counted, wishAt('x/kept/y')], origin)
  assert.deepEqual(said(results), ['forbidden', 'x/kept/y'])
  assert.equal(signed, 0)
  assert.deepEqual(recorded, ['allow x/y', 'allow x/kept/y', 'deny x/y'])
})
