import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readToken } from './read-token.ts'
import type { ReadRefusal } from './read-token.ts'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const head = encode({ alg: 'ES256', kid: 'one' })
const body = encode({ iss: 'https://idp.example/' })

test('a signed JWT is read as it stands', () => {
  const text = `${head}.${body}.signature`
  assert.deepEqual(readToken(text, text.length), {
    text,
    header: { alg: 'ES256', kid: 'one' },
    claims: { iss: 'https://idp.example/' },
  })
})

test('what is no signed JWT is told apart', () => {
  const cases: [what: string, text: string, refused: ReadRefusal][] = [
    [
      'one character more than it may have',
      `${head}.${body}.${'A'.repeat(1000 - head.length - body.length - 1)}`,
      'too-long',
    ],
    ['nothing', '', 'opaque'],
    ['no dots', 'abcdef', 'opaque'],
    ['two parts', `${head}.${body}`, 'opaque'],
    ['four parts', `${head}.${body}.c.d`, 'opaque'],
    ['five parts', `${head}.${body}.c.d.e`, 'encrypted'],
    ['six parts', `${head}.${body}.c.d.e.f`, 'opaque'],
    ['no header', `.${body}.c`, 'malformed'],
    ['no claims', `${head}..c`, 'malformed'],
    ['a padded header', `${head}=.${body}.c`, 'malformed'],
    ['a space in the claims', `${head}.${body} .c`, 'malformed'],
    ['another base64', `${head}.${body}+.c`, 'malformed'],
    ['a list of claims', `${head}.${encode([{ iss: 'https://idp.example/' }])}.c`, 'malformed'],
    ['null for claims', `${head}.${encode(null)}.c`, 'malformed'],
    ['no algorithm', `${encode({ kid: 'one' })}.${body}.c`, 'malformed'],
    ['a list of algorithms', `${encode({ alg: ['ES256'] })}.${body}.c`, 'malformed'],
    ['what has to be understood', `${encode({ alg: 'ES256', crit: ['exp'] })}.${body}.c`, 'extended'],
    ['a payload that is not encoded', `${encode({ alg: 'ES256', b64: false })}.${body}.c`, 'extended'],
  ]
  for (const [what, text, refused] of cases) assert.deepEqual(readToken(text, 1000), { refused }, what)
})
