import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { startUpkeep } from './upkeep.ts'

test('work is done now and again and again, also after it failed, until it is disposed', async () => {
  const lines: string[] = []
  const logger = pino({ level: 'warn' }, { write: (line: string) => void lines.push(line) })
  let runs = 0
  const enough = Promise.withResolvers<void>()
  {
    await using _upkeep = startUpkeep({
      what: 'the work',
      pauseMs: 1,
      logger,
      async work() {
        runs++
        if (runs === 1) throw new Error('not today')
        if (runs === 4) enough.resolve()
      },
    })
    assert.equal(runs, 1, 'at once')
    await keepsAlive(enough.promise)
  }
  const atEnd = runs
  await keepsAlive(new Promise((resolve) => setTimeout(resolve, 20)))
  assert.equal(runs, atEnd)
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /the work failed; it is tried again later/)
})

test('disposing tells the work that is under way to stop, and waits until it has', async () => {
  let isOver = false
  const started = startUpkeep({
    what: 'the work',
    pauseMs: 60_000,
    logger: pino({ level: 'silent' }),
    async work(signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve))
      isOver = true
    },
  })
  await started[Symbol.asyncDispose]()
  assert.equal(isOver, true)
  await started[Symbol.asyncDispose]()
})

/** The pauses alone do not hold a process. */
async function keepsAlive<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => {}, 1000)
  try {
    return await promise
  } finally {
    clearInterval(timer)
  }
}
