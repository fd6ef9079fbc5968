import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DEFAULT_STORE } from '../naming/store.ts'
import { evaluate } from './iam/evaluate.ts'
import { parsePolicy } from './iam/parse-policy.ts'
import { policyRequest } from './iam/policy-request.fixture.ts'
import type { Policy } from './iam/policy.ts'
import type { Location } from './locations.ts'
import { ACTIONS, actionSet } from './operation.ts'
import { parsePolicyBound } from './policy-bound.ts'
import { compileSessionPolicy, S3_ACTIONS_OF } from './session-policy.ts'

const read = (text: string): Policy => {
  const parsed = parsePolicy(text, { kind: 'session' })
  assert.ok(parsed.outcome === 'parsed', parsed.outcome === 'malformed' ? parsed.message : '')
  return parsed.policy
}

const documentOf = (...Statement: object[]): string => JSON.stringify({ Version: '2012-10-17', Statement })

const segment = fc.constantFrom('a', 'ab', 'u1', 'u12', 'é', '$')
const prefix = fc.array(segment, { maxLength: 2 }).map((parts) => parts.map((part) => `${part}/`).join(''))
const key = fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const location = fc.record({
  store: fc.constant(DEFAULT_STORE),
  bucket: fc.constantFrom('bkt', 'bkt2'),
  prefix,
  actions: fc.integer({ min: 1, max: 15 }),
  expiresAt: fc.constant(Number.POSITIVE_INFINITY),
})
const escaped = (text: string): string => text.replace(/[$*?]/g, (char) => `\${${char}}`)
const resource = fc.oneof(
  fc.constantFrom('*', 'arn:aws:s3:::*', 'arn:aws:s3:::bkt', 'arn:aws:s3:::bkt*', 'arn:aws:s3:::bkt2'),
  fc
    .tuple(fc.constantFrom('bkt', 'bkt2'), key, fc.constantFrom('', '*', '/*'))
    .map(([bucket, text, end]) => `arn:aws:s3:::${bucket}/${escaped(text)}${end}`),
)
const oneOrMore = <T>(each: fc.Arbitrary<T>) => fc.oneof(each, fc.array(each, { minLength: 1, maxLength: 3 }))
const condition = fc
  .tuple(fc.constantFrom('StringLike', 'StringEquals'), oneOrMore(key.map(escaped)), fc.constantFrom('', '*'))
  .map(([operator, texts, end]) => {
    const ending = operator === 'StringLike' ? end : ''
    const values = Array.isArray(texts) ? texts.map((text) => text + ending) : texts + ending
    return { [operator]: { 's3:prefix': values } }
  })
const statement = fc
  .tuple(
    oneOrMore(
      fc.constantFrom('*', 's3:*', 's3:Get*', 's3:GetObject', 's3:PutObject', 's3:ListBucket', 's3:DeleteObject'),
    ),
    oneOrMore(resource),
    fc.option(condition, { nil: undefined, freq: 3 }),
  )
  .map(([Action, Resource, Condition]) => ({ Effect: 'Allow', Action, Resource, ...(Condition && { Condition }) }))

test('a policy under a bound allows exactly what both allow', () => {
  const seen = { allow: 0, none: 0 }
  const property = fc.property(
    fc.array(location, { minLength: 1, maxLength: 4 }),
    fc.array(statement, { minLength: 1, maxLength: 3 }),
    fc.array(key, { minLength: 1, maxLength: 6 }),
    (locations: Location[], statements, keys) => {
      const text = documentOf(...statements)
      const parsed = parsePolicyBound(text)
      assert.ok(parsed.outcome === 'parsed', text)
      const free = compileSessionPolicy(locations)
      const compiled = compileSessionPolicy(locations, { bound: parsed.bound })
      fc.pre(compiled.outcome !== 'too-large' && free.outcome === 'compiled')
      const [own, bound] = [read(free.policy), read(text)]
      const both = compiled.outcome === 'compiled' ? read(compiled.policy) : undefined
      for (const bucket of ['bkt', 'bkt2']) {
        const arn = `arn:aws:s3:::${bucket}`
        const requests = [
          policyRequest('s3:ListBucket', arn),
          ...keys.flatMap((each) => [
            policyRequest('s3:ListBucket', arn, { 's3:prefix': each }),
            ...Object.values(S3_ACTIONS_OF)
              .flat()
              .map((action) => policyRequest(action, `${arn}/${each}`)),
          ]),
        ]
        for (const request of requests) {
          const expected = evaluate(own, request) === 'allow' && evaluate(bound, request) === 'allow'
          seen[expected ? 'allow' : 'none']++
          assert.equal(
            both !== undefined && evaluate(both, request) === 'allow',
            expected,
            `${text} ${JSON.stringify(request)}`,
          )
        }
      }
    },
  )
  fc.assert(property, { numRuns: 1500 })
  assert.ok(seen.allow > 1000 && seen.none > 1000, JSON.stringify(seen))
})

test('what cannot be joined into one policy is refused by name', () => {
  const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/a/*' }
  for (const [statement, message] of [
    [{ ...allow, Effect: 'Deny' }, /only allow/],
    [{ Effect: 'Allow', NotAction: 's3:GetObject', Resource: '*' }, /Action and Resource/],
    [{ Effect: 'Allow', Action: 's3:GetObject', NotResource: 'arn:aws:s3:::b/*' }, /Action and Resource/],
    [{ ...allow, Resource: 'arn:aws:s3:::b/*/x' }, /no other wildcard/],
    [{ ...allow, Resource: 'arn:aws:s3:::b/a?' }, /no other wildcard/],
    [{ ...allow, Resource: 'arn:aws:s3:::b/${aws:userid}/*' }, /variable/],
    [{ ...allow, Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, /s3:prefix alone/],
    [{ ...allow, Condition: { StringNotLike: { 's3:prefix': 'a/*' } } }, /s3:prefix alone/],
  ] as const) {
    const parsed = parsePolicyBound(documentOf(allow, statement))
    assert.equal(parsed.outcome, 'unsupported', JSON.stringify(statement))
    assert.match('message' in parsed ? parsed.message : '', message)
  }
  for (const text of [
    '',
    '{}',
    '[]',
    'null',
    '{"Statement":{}}',
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow"}]}',
  ]) {
    assert.equal(parsePolicyBound(text).outcome, 'malformed', text)
  }
})

test('hostile texts are refused or read, and nothing else', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
      assert.ok(['parsed', 'malformed', 'unsupported'].includes(parsePolicyBound(text).outcome))
    }),
  )
})

test('what a bound leaves of locations is told by folder and action', () => {
  const locations = [{ store: DEFAULT_STORE, bucket: 'b', prefix: 'a/', actions: actionSet(ACTIONS), expiresAt: 7 }]
  const parsed = parsePolicyBound(
    documentOf({ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/a/c/k' }),
  )
  assert.ok(parsed.outcome === 'parsed')
  const compiled = compileSessionPolicy(locations, { bound: parsed.bound })
  assert.deepEqual(compiled.outcome === 'compiled' && compiled.locations, [
    { store: DEFAULT_STORE, bucket: 'b', prefix: 'a/c/', actions: actionSet(['read']), expiresAt: 7 },
  ])
})
