import assert from 'node:assert/strict'
import { test } from 'node:test'
import { QueryClient } from '@tanstack/react-query'
import { createListingRefresher } from './listing-refresher.ts'

test('one change is shown soon, and a stream of them now and then, its last one too', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const queries = new QueryClient()
  const asked: unknown[] = []
  t.mock.method(queries, 'invalidateQueries', ({ queryKey }: { queryKey: unknown }) => {
    asked.push(queryKey)
    return Promise.resolve()
  })
  const refresh = createListingRefresher(queries)
  refresh('bucket', 'one.txt')
  t.mock.timers.tick(400)
  assert.equal(asked.length, 1)

  for (let ms = 0; ms < 20_000; ms += 100) {
    refresh('bucket', `${ms}.txt`)
    t.mock.timers.tick(100)
  }
  const during = asked.length - 1
  assert.ok(during >= 5 && during <= 10, `${during} times in 20 s`)
  const before = asked.length
  t.mock.timers.tick(400)
  assert.equal(asked.length, before + 1, 'the last change is shown')
  t.mock.timers.tick(60_000)
  assert.equal(asked.length, before + 1, 'nothing is asked without a change')
})
