import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { createJob } from './create-job.ts'
import { createPatience } from './patience.ts'

const { signal } = new AbortController()
const job = () => createJob({ batch: 1, bucket: 'b', prefix: '', path: 'x' })
const busy = () => new SkyCrateError({ code: 'store-unavailable', title: 'busy', status: 503 })

/** Lets time pass until the work has ended. @returns when each attempt began, in milliseconds */
async function attempts(t: TestContext, isAway: boolean, attempt: (tries: number) => Promise<string>) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const patience = createPatience(
    () => isAway,
    () => undefined,
  )
  const at: number[] = []
  let [now, ended] = [0, false]
  const done = patience.keepTrying(job(), signal, () => {
    at.push(now)
    return attempt(at.length)
  })
  const end = (): void => void (ended = true)
  done.then(end, end)
  for (; !ended && now < 1_000_000; now += 50) {
    t.mock.timers.tick(50)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { at, done }
}

test('what fails for a while is tried again, after waits that double up to a quarter of a minute', async (t) => {
  const { at, done } = await attempts(t, false, (tries) =>
    tries < 9 ? Promise.reject(busy()) : Promise.resolve('sent'),
  )
  assert.equal(await done, 'sent')
  const waits = at.slice(1).map((each, index) => each - (at[index] ?? 0))
  for (const [index, wait] of waits.entries()) {
    const meant = Math.min(15_000, 500 * 2 ** index)
    assert.ok(wait >= meant * 0.75 - 50 && wait <= meant * 1.25 + 100, `wait ${index}: ${wait} ms`)
  }
})

test('a server that refuses again and again is told', async (t) => {
  const refused = await attempts(t, false, () => Promise.reject(busy()))
  await assert.rejects(refused.done, { status: 503 })
  assert.equal(refused.at.length, 20)
})

test('tries while nothing can be reached do not count', async (t) => {
  const { at, done } = await attempts(t, true, (tries) =>
    tries <= 30 ? Promise.reject(new SkyCrateError({ code: 'unreachable', title: 'away' })) : Promise.resolve('sent'),
  )
  assert.equal(await done, 'sent')
  assert.equal(at.length, 31)
})

test('what is refused for good is not tried again', async (t) => {
  const { at, done } = await attempts(t, false, () =>
    Promise.reject(new SkyCrateError({ code: 'forbidden', title: 'no', status: 403 })),
  )
  await assert.rejects(done, { status: 403 })
  assert.equal(at.length, 1)
})

test('an ended session waits for a sign-in, however long it takes', async () => {
  const patience = createPatience(
    () => false,
    () => undefined,
  )
  const waiting = job()
  let signedIn = false
  const done = patience.keepTrying(waiting, signal, () =>
    signedIn
      ? Promise.resolve('sent')
      : Promise.reject(new SkyCrateError({ code: 'unauthenticated', title: 'ended', status: 401 })),
  )
  await new Promise((resolve) => setImmediate(resolve))
  assert.equal(waiting.waitsFor, 'sign-in')
  signedIn = true
  patience.wake()
  assert.equal(await done, 'sent')
  assert.equal(waiting.waitsFor, undefined)
})
