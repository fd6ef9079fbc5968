import assert from 'node:assert/strict'
import test from 'node:test'
import { createSemaphore } from './semaphore.ts'

const refuse = (): Error => new Error('too long')

test('a gate lets its width through and the rest in their order', async () => {
  const semaphore = createSemaphore(2)
  const order: number[] = []
  const first = await semaphore.enter(1_000, refuse)
  const second = await semaphore.enter(1_000, refuse)
  const later = [3, 4, 5].map(async (number) => {
    using _turn = await semaphore.enter(1_000, refuse)
    order.push(number)
  })
  await Promise.resolve()
  assert.deepEqual(order, [])
  first[Symbol.dispose]()
  await Promise.all(later)
  assert.deepEqual(order, [3, 4, 5])
  second[Symbol.dispose]()
})

test('who waited too long is refused and takes no place afterwards', async () => {
  const semaphore = createSemaphore(1)
  const inside = await semaphore.enter(1_000, refuse)
  await assert.rejects(semaphore.enter(5, refuse), /too long/)
  const patient = semaphore.enter(1_000, refuse)
  inside[Symbol.dispose]()
  inside[Symbol.dispose]()
  using _turn = await patient
  await assert.rejects(semaphore.enter(5, refuse), /too long/)
})
