import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseBucketName } from './bucket.ts'

test('names by the rules of S3 are bucket names', () => {
  for (const name of ['abc', 'a.b-c', '1bucket', 'skycrate-01hf7yat000000000000000000-1700000000000', 'a'.repeat(63)]) {
    assert.equal(parseBucketName(name), name)
  }
})

test('all else is none', () => {
  const none = [
    '',
    'ab',
    'a'.repeat(64),
    'Abc',
    'a_b',
    'a..b',
    'a.-b',
    'a-.b',
    '-ab',
    'ab-',
    '.ab',
    'ab.',
    '192.168.0.1',
    'a/b',
    'a b',
    'äbc',
    'abc\n',
    'xn--abc',
    'abc-s3alias',
    'abc--x-s3',
  ]
  for (const name of none) assert.equal(parseBucketName(name), undefined, name)
})
