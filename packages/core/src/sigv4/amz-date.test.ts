import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatAmzDate, parseAmzDate, parseHttpDate } from './amz-date.ts'

test('a time is written in UTC with whole seconds, and read back', () => {
  const ms = Date.UTC(2026, 1, 28, 23, 59, 58, 999)
  assert.equal(formatAmzDate(ms), '20260228T235958Z')
  assert.equal(parseAmzDate('20260228T235958Z'), ms - 999)
  assert.throws(() => formatAmzDate(Number.NaN), RangeError)
  assert.throws(() => formatAmzDate(8.64e15), RangeError)
})

const notDates = [
  '',
  '20260228T235958',
  '20260228t235958z',
  '2026-02-28T23:59:58Z',
  '20260228T235958.000Z',
  ' 20260228T235958Z',
  '20260228T235958Z\n',
  '20260229T000000Z',
  '20261301T000000Z',
  '20260100T000000Z',
  '20260101T240000Z',
  '20260101T006000Z',
  '20260101T000060Z',
]
for (const text of notDates) {
  test(`${JSON.stringify(text)} is no x-amz-date`, () => {
    assert.equal(parseAmzDate(text), undefined)
  })
}

test('an HTTP date is taken in its preferred form alone', () => {
  assert.equal(parseHttpDate('Fri, 24 May 2013 00:00:00 GMT'), Date.UTC(2013, 4, 24))
  for (const text of [
    'Thu, 24 May 2013 00:00:00 GMT',
    'Fri May 24 00:00:00 2013',
    'Fri, 31 Feb 2013 00:00:00 GMT',
    '2013',
  ]) {
    assert.equal(parseHttpDate(text), undefined)
  }
})
