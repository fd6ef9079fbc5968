import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { createIssuerLog } from './issuer-log.ts'

const ISSUER = 'https://issuer.example/'
const MINUTE = 60_000

test('an issuer that is down costs one line a minute, with a count and without a stack', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const lines: string[] = []
  const log = createIssuerLog(ISSUER, pino({}, { write: (line: string) => void lines.push(line) }))
  const down = new Error('keys could not be fetched', { cause: new Error('connect ECONNREFUSED') })
  const said = () =>
    lines.splice(0).map((line) => {
      assert.doesNotMatch(line, /issuer-log\.test|"stack"/)
      const { issuer, reason, failures, refusedRequests } = JSON.parse(line) as Record<string, unknown>
      assert.deepEqual([issuer, reason], [ISSUER, 'keys could not be fetched: connect ECONNREFUSED'])
      return [failures, refusedRequests]
    })

  log.failed(down)
  assert.deepEqual(said(), [[1, 0]], 'the first is told at once')
  for (let i = 0; i < 500; i++) log.refused()
  log.failed(down)
  t.mock.timers.tick(MINUTE - 1)
  assert.deepEqual(said(), [])
  t.mock.timers.tick(1)
  assert.deepEqual(said(), [[1, 500]])
  t.mock.timers.tick(MINUTE)
  assert.deepEqual(said(), [], 'nothing came, so there is nothing to say')
  log.refused()
  assert.deepEqual(said(), [[0, 1]])
})
