import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rawKeyOf } from './raw-key.ts'

const base = '/api/v1/s3/object/my-bucket'

test('the key is what was meant, decoded once', () => {
  const table: [string, string | undefined][] = [
    [`${base}/a/b.txt`, 'a/b.txt'],
    [`${base}/a%2Fb`, 'a/b'],
    [`${base}/a%252Fb`, 'a%2Fb'],
    [`${base}/a//b`, 'a//b'],
    [`${base}//a`, '/a'],
    [`${base}/a/../b`, 'a/../b'],
    [`${base}/a/%2e%2e/b`, 'a/../b'],
    [`${base}/a+b%20c`, 'a+b c'],
    [`${base}/%E6%97%A5?x=1`, '日'],
    [`${base}/`, ''],
    [base, undefined],
    [`${base}/%E6`, undefined],
    [`${base}/%zz`, undefined],
  ]
  for (const [url, key] of table) assert.equal(rawKeyOf(url, '/s3/object/'), key, url)
})
