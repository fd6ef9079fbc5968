import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { claimsOfToken } from './claims-of-token.ts'
import { readToken } from './read-token.ts'
import { sessionTags } from './session-tags.ts'
import { StsError } from '@skycrate/aws-wire/sts-error'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Whether something ends in a value or in an error that may be shown. */
const endsWell = (run: () => unknown): boolean => {
  try {
    run()
    return true
  } catch (error) {
    return error instanceof StsError
  }
}

test('reading any text ends in a token or an error of STS', () => {
  const part = fc.oneof(fc.string(), fc.base64String(), fc.jsonValue().map(encode))
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(part, { maxLength: 6 }).map((parts) => parts.join('.')),
  )
  fc.assert(fc.property(texts, (text) => endsWell(() => readToken(text))))
})

test('claims of any shape are read as texts, lists of texts, or not at all', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom('aud', 'azp', '__proto__', 'constructor', 'sub'))
  fc.assert(
    fc.property(fc.dictionary(names, fc.jsonValue()), (claims) => {
      assert.ok(endsWell(() => claimsOfToken(claims)))
      assert.ok(endsWell(() => sessionTags({ 'https://aws.amazon.com/tags': claims })))
      assert.ok(endsWell(() => sessionTags({ 'https://aws.amazon.com/tags': { principal_tags: claims } })))
    }),
  )
  const read = claimsOfToken(JSON.parse('{"a":1,"b":[true,"x"],"c":{"d":1},"e":[{}],"f":null,"__proto__":"p"}'))
  assert.deepEqual(
    [...read],
    [
      ['a', ['1']],
      ['b', ['true', 'x']],
      ['__proto__', ['p']],
    ],
  )
})
