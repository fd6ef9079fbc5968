import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodePath, decodeQueryText } from './decode.ts'
import { encodeKey, encodeQuery, encodeSegment } from './encode.ts'
import { canonicalQuery, parseQuery } from './query.ts'

const unreserved = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~'

test('every ASCII character but the unreserved ones is encoded, in upper-case hex', () => {
  for (let code = 0; code < 128; code++) {
    const char = String.fromCharCode(code)
    const hex = `%${code.toString(16).toUpperCase().padStart(2, '0')}`
    assert.equal(encodeSegment(char), unreserved.includes(char) ? char : hex)
    assert.equal(encodeQuery(char), encodeSegment(char))
    assert.equal(encodeKey(char), char === '/' ? '/' : encodeSegment(char))
  }
})

const keys: readonly (readonly [key: string, encoded: string])[] = [
  ['a/../b', 'a/../b'],
  ['..', '..'],
  ['a//b', 'a//b'],
  ['/a', '/a'],
  ['a\\b', 'a%5Cb'],
  ['a%2Bb+c', 'a%252Bb%2Bc'],
  ['%2e%2e/%2F', '%252e%252e/%252F'],
  ['a b ', 'a%20b%20'],
  ['été', '%C3%A9t%C3%A9'],
  ['e\u0301', 'e%CC%81'],
  ['日本語', '%E6%97%A5%E6%9C%AC%E8%AA%9E'],
  ['😀', '%F0%9F%98%80'],
  ["a?b#c*d'e(f)g!h", 'a%3Fb%23c%2Ad%27e%28f%29g%21h'],
]

for (const [key, encoded] of keys) {
  test(`the key ${JSON.stringify(key)} is encoded as it is, and decoded back`, () => {
    assert.equal(encodeKey(key), encoded)
    assert.equal(decodePath(encoded), key)
  })
}

test('a lone surrogate can be neither encoded nor decoded', () => {
  for (const encode of [encodeKey, encodeSegment, encodeQuery]) assert.throws(() => encode('a\ud800'), URIError)
  assert.equal(decodePath('/%ED%A0%80'), undefined)
})

const decoded: readonly (readonly [raw: string, path: string | undefined, query: string | undefined])[] = [
  ['a+b', 'a+b', 'a b'],
  ['a%2Bb', 'a+b', 'a+b'],
  ['a%252Bb', 'a%2Bb', 'a%2Bb'],
  ['%c3%a9', 'é', 'é'],
  ['\u00c3\u00a9', 'é', 'é'],
  ['%00', '\0', '\0'],
  ['%', undefined, undefined],
  ['%4', undefined, undefined],
  ['%zz', undefined, undefined],
  ['%ff', undefined, undefined],
  ['%c0%af', undefined, undefined],
  ['\u00ff', undefined, undefined],
  ['a b', undefined, undefined],
  ['a\tb', undefined, undefined],
  ['a\x7f', undefined, undefined],
  ['日', undefined, undefined],
]

for (const [raw, path, query] of decoded) {
  test(`${JSON.stringify(raw)} on the wire is the path ${JSON.stringify(path)} and the query ${JSON.stringify(query)}`, () => {
    assert.equal(decodePath(raw), path)
    assert.equal(decodeQueryText(raw), query)
  })
}

test('a query is sorted by encoded name and then by encoded value, not by the joined string', () => {
  const sorted = (raw: string) => canonicalQuery(parseQuery(raw) ?? [])
  assert.equal(sorted('a-b=1&a=2'), 'a=2&a-b=1')
  assert.equal(sorted('a=b&a=B&a=1&A=z'), 'A=z&a=1&a=B&a=b')
  assert.equal(sorted('x=%7E&x=~&x=%C3%A9'), 'x=%C3%A9&x=~&x=~')
  assert.equal(sorted('é=1&z=2'.replace('é', '%C3%A9')), '%C3%A9=1&z=2')
})

test('a query is read as it stands: duplicates, empty values, an equals sign within a value', () => {
  assert.deepEqual(parseQuery(''), [])
  assert.deepEqual(parseQuery('uploads&&a=b=c&a=&=d'), [
    ['uploads', ''],
    ['a', 'b=c'],
    ['a', ''],
    ['', 'd'],
  ])
  assert.equal(parseQuery('a=%'), undefined)
  assert.equal(parseQuery('%=a'), undefined)
})
