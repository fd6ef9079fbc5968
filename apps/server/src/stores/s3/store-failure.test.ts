import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AppError } from '../../errors/app-error.ts'
import { storeError } from './store-failure.ts'

const answer = (status: number, code: string) =>
  Object.assign(new Error(code), { name: code, $metadata: { httpStatusCode: status } })

test("the store's failures become store-unavailable or store-refused", () => {
  const cases: [what: string, error: unknown, code: string][] = [
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'store-unavailable'],
    ['a name that does not resolve', Object.assign(new Error('dns'), { code: 'ENOTFOUND' }), 'store-unavailable'],
    ['a time-out', Object.assign(new Error('late'), { name: 'TimeoutError' }), 'store-unavailable'],
    ['our own deadline', Object.assign(new Error('aborted'), { name: 'AbortError' }), 'store-unavailable'],
    ['no credentials yet', Object.assign(new Error('none'), { name: 'CredentialsProviderError' }), 'store-unavailable'],
    ['500', answer(500, 'InternalError'), 'store-unavailable'],
    ['503 SlowDown', answer(503, 'SlowDown'), 'store-unavailable'],
    ['429', answer(429, 'TooManyRequests'), 'store-unavailable'],
    ['400 RequestTimeout', answer(400, 'RequestTimeout'), 'store-unavailable'],
    ['409 while a deletion settles', answer(409, 'OperationAborted'), 'store-unavailable'],
    ["a proxy's page", Object.assign(new SyntaxError('<'), { $response: { statusCode: 502 } }), 'store-unavailable'],
    ['501', answer(501, 'NotImplemented'), 'store-refused'],
    ['wrong keys', answer(403, 'SignatureDoesNotMatch'), 'store-refused'],
    ['too many buckets', answer(400, 'TooManyBuckets'), 'store-refused'],
  ]
  for (const [what, error, code] of cases) {
    const mapped = storeError(error, 'do it')
    assert(mapped instanceof AppError, what)
    assert.equal(mapped.code, code, what)
    assert.equal(mapped.retryAfter !== undefined, code === 'store-unavailable', what)
    assert.equal((mapped.cause as Error).cause, error, what)
    assert.equal(mapped.detail, undefined, what)
  }
})

test('a slip in our own code is not blamed on the store', () => {
  const slip = new TypeError('x is undefined')
  assert.equal(storeError(slip, 'do it'), slip)
  const known = new AppError('invalid-cursor')
  assert.equal(storeError(known, 'do it'), known)
})
