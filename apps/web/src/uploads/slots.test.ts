import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSlots } from './slots.ts'

const { signal } = new AbortController()

/** Work that ends when it is told to. */
function begin(slots: ReturnType<typeof createSlots>, leave: number) {
  const ended = Promise.withResolvers<void>()
  const state = { begun: false }
  const done = slots.within(signal, leave, () => {
    state.begun = true
    return ended.promise
  })
  return { state, end: () => (ended.resolve(), done) }
}
const begun = async (works: readonly ReturnType<typeof begin>[]): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve))
  return works.filter(({ state }) => state.begun).length
}

test('as many begin as there are slots; the others wait in turn', async () => {
  const slots = createSlots(2)
  const works = [0, 0, 0].map((leave) => begin(slots, leave))
  assert.equal(await begun(works), 2)
  await works[0]?.end()
  assert.equal(await begun(works), 3)
})

test('who leaves a slot free never takes the last one, and is not passed for ever', async () => {
  const slots = createSlots(2)
  const [large, second, small, next] = [begin(slots, 1), begin(slots, 1), begin(slots, 0), begin(slots, 0)]
  assert.equal(await begun([large]), 1)
  assert.equal(await begun([second, small, next]), 0, 'small ones wait behind it, although one slot is free')
  await large.end()
  assert.equal(await begun([second, small]), 2)
  assert.equal(await begun([next]), 0)
  await second.end()
  assert.equal(await begun([next]), 1)
})

test('who fails, or was stopped while waiting, gives its slot back', async () => {
  const slots = createSlots(1)
  await assert.rejects(
    slots.within(signal, 0, () => Promise.reject(new Error('broken'))),
    /broken/,
  )
  const stop = new AbortController()
  stop.abort(new Error('stopped'))
  await assert.rejects(
    slots.within(stop.signal, 0, () => Promise.resolve()),
    /stopped/,
  )
  assert.equal(await slots.within(signal, 0, () => Promise.resolve('free')), 'free')
})
