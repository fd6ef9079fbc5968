import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createReadiness } from './readiness.ts'

test('what fails is unavailable, the rest is not', async () => {
  const ready = createReadiness({ good: async () => {}, bad: () => Promise.reject(new Error('away')) })
  assert.deepEqual(await ready(), { good: 'ok', bad: 'unavailable' })
})

test('what hangs is unavailable, and is not asked again while it hangs', async () => {
  let asked = 0
  const ready = createReadiness(
    {
      hanging() {
        asked += 1
        return new Promise<void>(() => {})
      },
    },
    { boundMs: 20, holdsMs: 0 },
  )
  for (let i = 0; i < 3; i++) assert.deepEqual(await ready(), { hanging: 'unavailable' })
  await Promise.all(Array.from({ length: 100 }, ready))
  assert.equal(asked, 1)
})

test('a flood of questions is one question', async () => {
  let asked = 0
  const ready = createReadiness({ it: async () => void (asked += 1) }, { holdsMs: 60_000 })
  await Promise.all(Array.from({ length: 1000 }, ready))
  await ready()
  assert.equal(asked, 1)
})

test('an answer that no longer holds is asked for anew', async () => {
  let isAway = false
  const check = (): Promise<void> => (isAway ? Promise.reject(new Error('away')) : Promise.resolve())
  const ready = createReadiness({ it: check }, { holdsMs: 0 })
  assert.deepEqual(await ready(), { it: 'ok' })
  isAway = true
  assert.deepEqual(await ready(), { it: 'unavailable' })
  isAway = false
  assert.deepEqual(await ready(), { it: 'ok' })
})
