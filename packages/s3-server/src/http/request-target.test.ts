import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRequestTarget, splitTarget } from './request-target.ts'

const DOMAINS = ['localhost', 's3.localhost']

const CASES: [url: string, host: string, bucket: string | undefined, key: string | undefined][] = [
  ['/', '127.0.0.1:9000', undefined, undefined],
  ['/b', 'x', 'b', undefined],
  ['/b/', 'x', 'b', undefined],
  ['/b?list-type=2', 'x', 'b', undefined],
  ['/b/a/../c', 'x', 'b', 'a/../c'],
  ['/b//c', 'x', 'b', '/c'],
  ['/b/%2e%2e/%2F', 'x', 'b', '..//'],
  ['/b/a%2520b', 'x', 'b', 'a%20b'],
  ['/b/a+b', 'x', 'b', 'a+b'],
  ['/b/a\\b', 'x', 'b', 'a\\b'],
  ['http://x/b/k?q', 'x', 'b', 'k'],
  ['/', 'b.localhost', 'b', undefined],
  ['/k/../l', 'b.localhost:9000', 'b', 'k/../l'],
  ['//k', 'B.LOCALHOST', 'b', '/k'],
  ['/k', 'b.c.localhost', 'b.c', 'k'],
  ['/k', 'b.s3.localhost', 'b', 'k'],
  ['/b/k', 's3.localhost', 'b', 'k'],
  ['/b/k', 'localhost:9000', 'b', 'k'],
  ['/b/k', 'notlocalhost', 'b', 'k'],
]

for (const [url, host, bucket, key] of CASES) {
  test(`${url} at ${host} is bucket ${bucket} and key ${key}`, () => {
    assert.deepEqual(parseRequestTarget(splitTarget(url), host, DOMAINS), { bucket, key })
  })
}

for (const url of ['/b/%', '/b/%ff', '*', '']) {
  test(`${url === '' ? 'nothing' : url} is ${url === '' ? 'the service' : 'no target'}`, () => {
    const parse = (): unknown => parseRequestTarget(splitTarget(url), 'x', DOMAINS)
    if (url === '') assert.deepEqual(parse(), { bucket: undefined, key: undefined })
    else assert.throws(parse, { code: 'InvalidURI' })
  })
}
