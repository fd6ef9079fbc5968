import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { arriving } from './test-accounts.ts'
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
    await arriving(enough.promise)
  }
  const atEnd = runs
  await sleep(20)
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
