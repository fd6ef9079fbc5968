import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJobQueue } from './job-queue.ts'

function held(): { readonly job: () => Promise<void>; readonly isStarted: () => boolean; readonly end: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>()
  let started = false
  return {
    job() {
      started = true
      return promise
    },
    isStarted: () => started,
    end: resolve,
  }
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('only so many jobs run at once, the next in their order, and the queue has an end', async () => {
  const inTurn = createJobQueue(2, 2, () => new Error('full'))
  const jobs = Array.from({ length: 5 }, held)
  const results = jobs.map(({ job }) => inTurn(job))
  await assert.rejects(results[4]!, /full/)
  assert.deepEqual(
    jobs.map(({ isStarted }) => isStarted()),
    [true, true, false, false, false],
  )
  jobs[1]!.end()
  await settle()
  assert.deepEqual(
    jobs.map(({ isStarted }) => isStarted()),
    [true, true, true, false, false],
  )
  for (const { end } of jobs) end()
  await Promise.all(results.slice(0, 4))
  assert.equal(await inTurn(() => Promise.resolve('free again')), 'free again')
})

test('a job that fails makes room like any other', async () => {
  const inTurn = createJobQueue(1, 0, () => new Error('full'))
  for (let i = 0; i < 3; i++)
    await assert.rejects(
      inTurn(() => Promise.reject(new Error('failed'))),
      /failed/,
    )
  assert.equal(await inTurn(() => Promise.resolve('done')), 'done')
})
