import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { createJob } from './create-job.ts'
import { createPatience } from './patience.ts'

const { signal } = new AbortController()
const job = () => createJob({ batch: 1, bucket: 'b', prefix: '', path: 'x' })
const busy = () => new SkyCrateError({ code: 'store-unavailable', title: 'busy', status: 503 })

/** Lets time pass until the work has ended. @returns when each attempt began, in milliseconds */
async function attempts(isAway: boolean, attempt: (tries: number) => Promise<string>) {
  let [now, ended] = [0, false]
  // Of its own: other tests of this process have timers too.
  const timers: { readonly due: number; readonly call: () => void }[] = []
  const patience = createPatience(
    () => isAway,
    () => undefined,
    (call, ms) => void timers.push({ due: now + ms, call }),
  )
  const at: number[] = []
  const done = patience.keepTrying(job(), signal, () => {
    at.push(now)
    return attempt(at.length)
  })
  const end = (): void => void (ended = true)
  done.then(end, end)
  for (; !ended && now < 1_000_000; now += 50) {
    if ((timers[0]?.due ?? Number.POSITIVE_INFINITY) <= now) timers.shift()?.call()
    await new Promise((resolve) => setImmediate(resolve))
  }
  assert.ok(ended)
  return { at, done }
}

test('what fails for a while is tried again, after waits that double up to a quarter of a minute', async () => {
  const { at, done } = await attempts(false, (tries) => (tries < 9 ? Promise.reject(busy()) : Promise.resolve('sent')))
  assert.equal(await done, 'sent')
  const waits = at.slice(1).map((each, index) => each - (at[index] ?? 0))
  for (const [index, wait] of waits.entries()) {
    const meant = Math.min(15_000, 500 * 2 ** index)
    assert.ok(wait >= meant * 0.75 - 50 && wait <= meant * 1.25 + 100, `wait ${index}: ${wait} ms`)
  }
})

test('a server that refuses again and again is told', async () => {
  const refused = await attempts(false, () => Promise.reject(busy()))
  await assert.rejects(refused.done, { status: 503 })
  assert.equal(refused.at.length, 20)
})

test('tries while nothing can be reached do not count', async () => {
  const { at, done } = await attempts(true, (tries) =>
    tries <= 30 ? Promise.reject(new SkyCrateError({ code: 'unreachable', title: 'away' })) : Promise.resolve('sent'),
  )
  assert.equal(await done, 'sent')
  assert.equal(at.length, 31)
})

test('what is refused for good is not tried again', async () => {
  const { at, done } = await attempts(false, () =>
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
