import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Caller } from './permission.ts'
import { bindingsOf, escapeEmail, expandPattern, parsePattern, unescapeEmail } from './variables.ts'

const user = (verifiedEmail: string | null): Caller => ({ userId: 'usr_alice', groups: [], verifiedEmail })

test('an e-mail address becomes one segment that is readable where it is plain', () => {
  const cases: [string, string | undefined][] = [
    ['alice@example.com', 'alice@example.com'],
    ['Alice.Smith+files@Example.COM', 'alice.smith+files@example.com'],
    ['a/b@example.com', 'a=2fb@example.com'],
    ['"../../root"@example.com', '=22.=2e=2f.=2e=2froot=22@example.com'],
    ['..@example.com', '=2e.@example.com'],
    ['a@..', 'a@.=2e'],
    ['a@b.', 'a@b=2e'],
    ['a=2fb@example.com', 'a=3d2fb@example.com'],
    ['${user.id}@example.com', '=24=7buser.id=7d@example.com'],
    ['a\\b\u0000@example.com', 'a=5cb=00@example.com'],
    // U+212A KELVIN SIGN is `k` to toLowerCase(), and here somebody else.
    ['\u212Aate@example.com', '=e2=84=aaate@example.com'],
    ['é@example.com', '=c3=a9@example.com'],
    ['e\u0301@example.com', 'e=cc=81@example.com'],
    ['nobody', undefined],
    ['@example.com', undefined],
    ['alice@', undefined],
    ['', undefined],
    ['\ud800@example.com', undefined],
  ]
  for (const [email, expected] of cases) assert.equal(escapeEmail(email), expected, email)
})

/** Short texts of what could go wrong, and any text at all. */
const hostile = fc
  .array(
    fc.constantFrom('.', '..', '/', '\\', '=', '=2f', '%2f', '@', 'a', 'A', 'K', '\u212A', '$', '{', '\ufeff', 'é'),
    {
      maxLength: 6,
    },
  )
  .map((parts) => parts.join(''))
const email = fc
  .tuple(fc.oneof(hostile, fc.string({ unit: 'binary' })), fc.oneof(hostile, fc.constant('example.com')))
  .map(([local, domain]) => `${local}@${domain}`)
const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (char) => char.toLowerCase())

test('an escaped address is one harmless segment, and gives the address back', () => {
  fc.assert(
    fc.property(email, (text) => {
      const escaped = escapeEmail(text)
      if (escaped === undefined) return
      assert.match(escaped, /^(?!\.)(?!.*\.\.)[a-z0-9@_+=.-]+(?<!\.)$/)
      assert.equal(unescapeEmail(escaped), foldAscii(text))
    }),
    { numRuns: 5000 },
  )
})

test('${user.email} is the verified address; without one the permission does not apply', () => {
  assert.equal(expandPattern('inbox/${user.email}/', user('Alice@example.com')), 'inbox/alice@example.com/')
  for (const none of [null, '', 'nobody']) assert.equal(expandPattern('inbox/${user.email}/', user(none)), undefined)
  assert.equal(expandPattern('inbox/${user.email}/', { userId: 'usr_alice', groups: [] }), undefined)
  assert.equal(expandPattern('inbox/${user.email}/', { guest: true }), undefined)
  assert.equal(expandPattern('${user.id}/', { userId: 'usr_' as never, groups: [] }), 'usr_/')
  assert.equal(expandPattern('${user.id}/', { userId: '' as never, groups: [] }), undefined)
})

test('a pattern is checked before it is stored, and its mistake is named', () => {
  for (const text of ['', 'a/', '${user.id}/', 'a/x-${user.email}/b/', 'a/$/{b}/'])
    assert.ok(parsePattern(text).ok, text)
  const cases: [string, string][] = [
    ['a', 'no-trailing-slash'],
    ['a//', 'empty-segment'],
    ['a/../', 'dot-segment'],
    ['${user.id}', 'no-trailing-slash'],
    ['${user.name}/', 'unknown-variable'],
    ['${USER.ID}/', 'unknown-variable'],
    ['${user.id/', 'unknown-variable'],
    ['${${user.id}}/', 'unknown-variable'],
    ['${}/', 'unknown-variable'],
  ]
  for (const [text, problem] of cases) {
    const verdict = parsePattern(text)
    assert.equal(verdict.ok ? '' : verdict.problem, problem, text)
  }
})

test('what a pattern expands to for somebody is found again in every key below, and nobody else is', () => {
  const part = fc.constantFrom('a', 'a@', '-', '${user.id}', '${user.email}', '=')
  const segment = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(''))
  const pattern = fc.array(segment, { maxLength: 3 }).map((parts) => parts.map((text) => `${text}/`).join(''))
  const people = ['a@a', 'a@a-a', 'A@=', 'aa@a@a', null].flatMap((address) =>
    ['usr_a', 'usr_aa', 'a'].map((id) => ({ userId: id as never, groups: [], verifiedEmail: address })),
  )
  const property = fc.property(
    pattern,
    fc.constantFrom(...people),
    fc.constantFrom('', 'x', 'a/'),
    (text, who, rest) => {
      const key = (expandPattern(text, who) ?? 'a/a@a/') + rest
      const bindings = bindingsOf(text, key)
      for (const person of people) {
        const expanded = expandPattern(text, person)
        const isBound = bindings.some(
          ({ userId, email: address }) =>
            (userId === undefined || userId === person.userId) &&
            (address === undefined || address === escapeEmail(person.verifiedEmail)),
        )
        assert.equal(isBound, expanded !== undefined && key.startsWith(expanded), JSON.stringify([text, key, person]))
      }
    },
  )
  fc.assert(property, { numRuns: 3000 })
})
