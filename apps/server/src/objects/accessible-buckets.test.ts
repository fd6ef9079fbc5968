import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ACTIONS, actionSet } from '@skycrate/core/access/operation'
import type { Permission } from '@skycrate/core/access/permission'
import { permissionSet } from '@skycrate/core/access/permission-set'
import { AppError } from '../errors/app-error.ts'
import { accessibleBuckets } from './accessible-buckets.ts'

const NOW = 1_700_000_000_000
const alice = { userId: 'usr_alice', groups: [] } as const
const all = actionSet(ACTIONS)
const set = (...rows: Partial<Permission>[]) =>
  permissionSet(
    rows.map((row, i) => ({
      id: `prm_${i}`,
      principal: { kind: 'everyone' } as const,
      store: 'default',
      bucket: 'b',
      prefix: '',
      actions: all,
      ...row,
    })),
    alice,
  )

test('every location is reached by paging, however many one bucket has', () => {
  const folders = Array.from({ length: 130 }, (_, i) => `folder-${String(i).padStart(3, '0')}/`)
  const permissions = set({ bucket: 'a' }, ...folders.map((prefix) => ({ prefix })), { bucket: 'c', prefix: 'x/' })
  for (const limit of [1, 7, 50, 100, 132, 1000]) {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = accessibleBuckets(permissions, limit, cursor, NOW)
      const here = page.buckets.flatMap(({ bucket, locations }) => locations.map(({ prefix }) => `${bucket}/${prefix}`))
      assert.ok(here.length <= limit)
      seen.push(...here)
      const last = page.buckets.at(-1)
      assert.equal(last?.moreLocations, last?.bucket === 'b' && !here.includes('b/folder-129/'), `${limit} ${cursor}`)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    assert.deepEqual(seen, ['a/', ...folders.map((prefix) => `b/${prefix}`), 'c/x/'], String(limit))
  }
})

test('a location says what may be done and until when, and neither what has ended nor what a folder above gives', () => {
  const permissions = set(
    { prefix: 'x/', actions: actionSet(['read', 'list']), expiresAt: NOW + 1000 },
    { prefix: 'x/y/', actions: actionSet(['read']) },
    { prefix: 'x/z/', actions: actionSet(['read', 'write']) },
    { prefix: 'old/', expiresAt: NOW },
  )
  const { buckets } = accessibleBuckets(permissions, 100, undefined, NOW)
  assert.deepEqual(buckets, [
    {
      store: 'default',
      bucket: 'b',
      locations: [
        { prefix: 'x/', actions: ['read', 'list'], expiresAt: new Date(NOW + 1000).toISOString() },
        { prefix: 'x/z/', actions: ['write'], expiresAt: null },
      ],
      moreLocations: false,
    },
  ])
})

test('a cursor of another list is refused', () => {
  const permissions = set({})
  for (const value of ['', 'x', '{}', '[1,2,3]', '["a","b"]', '["a","b","c","d"]', 'null']) {
    const cursor = Buffer.from(value).toString('base64url')
    assert.throws(
      () => accessibleBuckets(permissions, 10, cursor, NOW),
      (error) => error instanceof AppError && error.code === 'invalid-cursor',
      value,
    )
  }
})
