import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deriveSigningKey, SigningKeyCache } from './signing-key.ts'

test("the derived key is the one of AWS's POST example", () => {
  const key = deriveSigningKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', '20151229', 'us-east-1', 's3')
  assert.equal(key.export().toString('hex'), 'cbcef1ebeaefc82cce6530b9f0a9ae598846065f5c5bae0674bd5ebc4ba52d28')
})

test('the cache gives the same key again, and another one for any other secret, day, region or service', () => {
  const cache = new SigningKeyCache()
  const key = cache.get('secret', '20260101', 'us-east-1', 's3')
  assert.equal(cache.get('secret', '20260101', 'us-east-1', 's3'), key)
  const others = [
    cache.get('other', '20260101', 'us-east-1', 's3'),
    cache.get('secret', '20260102', 'us-east-1', 's3'),
    cache.get('secret', '20260101', 'eu-west-1', 's3'),
    cache.get('secret', '20260101', 'us-east-1', 'sts'),
  ]
  for (const other of others) assert.ok(!other.equals(key))
  assert.equal(cache.size, 5)
})

test('the cache holds no more than its capacity and drops the one not used for longest', () => {
  const cache = new SigningKeyCache(2)
  const a = cache.get('a', '20260101', 'r', 's3')
  const b = cache.get('b', '20260101', 'r', 's3')
  cache.get('a', '20260101', 'r', 's3')
  cache.get('c', '20260101', 'r', 's3')
  assert.equal(cache.size, 2)
  assert.equal(cache.get('a', '20260101', 'r', 's3'), a)
  assert.notEqual(cache.get('b', '20260101', 'r', 's3'), b)
  assert.throws(() => new SigningKeyCache(0), RangeError)
})
