import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Turns } from './turns.ts'

test('no more than the count go on at once, the others in the order in which they asked', async () => {
  const turns = new Turns(2)
  const begun: number[] = []
  const taken = [0, 1, 2, 3].map(async (index) => {
    const turn = await turns.take()
    begun.push(index)
    return turn
  })
  assert.ok(!turns.isFree)
  const [first, second, third, fourth] = taken
  using held = await first
  await second
  assert.deepEqual(begun, [0, 1])
  held?.[Symbol.dispose]()
  const next = await third
  assert.deepEqual(begun, [0, 1, 2])
  next?.[Symbol.dispose]()
  next?.[Symbol.dispose]()
  const last = await fourth
  assert.ok(!turns.isFree, 'a turn that ended twice counts once')
  last?.[Symbol.dispose]()
  assert.ok(turns.isFree)
})
