import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Action, actionsAt, rootOf } from './actions-at.ts'

type Bucket = NonNullable<Parameters<typeof actionsAt>[0]>

const library: Bucket = {
  bucket: 'library',
  locations: [
    { prefix: 'public/mine/', actions: ['write', 'delete'] },
    { prefix: 'public/', actions: ['read', 'list'] },
  ],
  moreLocations: false,
}
const whole: Bucket = { bucket: 'whole', locations: [{ prefix: '', actions: ['list'] }], moreLocations: false }
const every: Action[] = ['read', 'write', 'delete', 'list']

for (const [what, bucket, prefix, actions, root] of [
  ['in a location', library, 'public/', ['read', 'list'], 'public/'],
  ['in two, one in the other', library, 'public/mine/deep/', every, 'public/'],
  ['beside a location with a similar name', library, 'public/mine2/', ['read', 'list'], 'public/'],
  ['above every location', library, '', [], ''],
  ['in no location', library, 'private/', [], ''],
  ['in a whole bucket', whole, 'a/', ['list'], ''],
  ['in a bucket that was not fetched', undefined, 'a/', every, ''],
  ['in a bucket with more locations than are named', { ...library, moreLocations: true }, 'x/', every, ''],
] as const) {
  test(`${what} one may ${actions.join(', ') || 'do nothing'}`, () => {
    assert.deepEqual([...actionsAt(bucket, prefix)].sort(), [...actions].sort())
    assert.equal(rootOf(bucket, prefix), root)
  })
}
