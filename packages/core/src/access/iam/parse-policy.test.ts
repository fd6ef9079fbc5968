import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { isPublicPolicy } from './is-public.ts'
import { parsePolicy } from './parse-policy.ts'
import { readPolicy } from './policy-request.fixture.ts'

const BUCKET = { kind: 'bucket', bucket: 'b' } as const
const good = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' }

const messageOf = (document: unknown, kind: Parameters<typeof parsePolicy>[1] = BUCKET): string => {
  const parsed = parsePolicy(typeof document === 'string' ? document : JSON.stringify(document), kind)
  return parsed.outcome === 'malformed' ? parsed.message : ''
}
const statement = (change: object): object => ({ Version: '2012-10-17', Statement: { ...good, ...change } })

test('what is not understood whole is refused, never passed over', () => {
  const { Principal: _, ...noPrincipal } = good
  const { Action: _action, ...noAction } = good
  const cases: [unknown, RegExp][] = [
    ['{', /Json/],
    ['[]', /JSON/],
    [{}, /Statement/],
    [{ Statement: [] }, /Statement/],
    [{ Statement: ['x'] }, /not an object/],
    [{ Statement: good, Extra: 1 }, /Unknown field Extra/],
    [{ Version: '2020-01-01', Statement: good }, /version/],
    [{ Statement: noPrincipal }, /Principal/],
    [{ Statement: noAction }, /Action/],
    [statement({ Effect: 'allow' }), /effect/],
    [statement({ Extra: 1 }), /Unknown field/],
    [statement({ NotPrincipal: '*' }), /NotPrincipal/],
    [statement({ Principal: { AWS: 'someone' } }), /principal/],
    [statement({ Principal: { AWS: 'arn:aws:iam::123456789012:role/*' } }), /principal/],
    [statement({ Principal: { Who: '*' } }), /principal/],
    [statement({ Principal: 'all' }), /principal/],
    [statement({ NotAction: 's3:*' }), /both/],
    [statement({ Action: 's3:GetObjct' }), /invalid action/],
    [statement({ Action: 'ec2:*' }), /invalid action/],
    [statement({ Action: [] }), /Action/],
    [statement({ Action: 7 }), /Action/],
    [statement({ Resource: 'b/*' }), /invalid resource/],
    [statement({ Resource: 'arn:aws:s3:::other/*' }), /invalid resource/],
    [statement({ Resource: 'arn:aws:s3:::b/${nonsense' }), /invalid resource/],
    [statement({ Resource: 'arn:aws:s3:::b' }), /does not apply/],
    [statement({ Action: 's3:ListBucket' }), /does not apply/],
    [statement({ Condition: { StringSounds: { 'aws:Referer': 'x' } } }), /Condition type/],
    [statement({ Condition: { NullIfExists: { 'aws:Referer': 'true' } } }), /Condition type/],
    [statement({ Condition: { StringEquals: { 's3:color': 'x' } } }), /condition key/],
    [statement({ Condition: { StringEquals: { prefix: 'x' } } }), /condition key/],
    [statement({ Condition: { StringEquals: 'x' } }), /not an object/],
    [statement({ Condition: { StringEquals: { 'aws:Referer': {} } } }), /values/],
    [statement({ Condition: { StringEquals: { 'aws:Referer': [] } } }), /values/],
    [statement({ Condition: { IpAddress: { 'aws:SourceIp': '1.2.3.400' } } }), /Invalid value/],
    [statement({ Condition: { NumericEquals: { 's3:max-keys': 'ten' } } }), /Invalid value/],
    [statement({ Condition: { Bool: { 'aws:SecureTransport': 'yes' } } }), /Invalid value/],
    [statement({ Condition: { DateLessThan: { 'aws:CurrentTime': 'today' } } }), /Invalid value/],
    [statement({ Condition: { Null: { 'aws:Referer': 'maybe' } } }), /Invalid value/],
  ]
  for (const [document, expected] of cases) assert.match(messageOf(document), expected, JSON.stringify(document))
  assert.equal(messageOf(statement({})), '')
  const { Principal: _none, ...ofSession } = good
  assert.equal(messageOf({ Statement: ofSession }, { kind: 'session' }), '')
  assert.match(messageOf({ Statement: good }, { kind: 'session' }), /principal/)
  assert.match(messageOf({ Statement: { ...ofSession, Resource: 'b/*' } }, { kind: 'session' }), /ARN/)
})

test('reading any JSON ends in a policy or a sentence', () => {
  const property = fc.property(fc.json(), fc.boolean(), (text, isBucket) => {
    const parsed = parsePolicy(text, isBucket ? BUCKET : { kind: 'session' })
    assert.ok(parsed.outcome === 'parsed' || parsed.message !== '')
  })
  fc.assert(property, { numRuns: 500 })
})

test('a policy is public when an Allow is for everyone and nothing keeps it to fixed callers', () => {
  const cases: [object, boolean][] = [
    [{}, true],
    [{ Principal: { AWS: '*' } }, true],
    [{ Principal: { AWS: '123456789012' } }, false],
    [{ Effect: 'Deny' }, false],
    [{ Condition: { IpAddress: { 'aws:SourceIp': '198.51.100.0/24' } } }, false],
    [{ Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/1' } } }, true],
    [{ Condition: { NotIpAddress: { 'aws:SourceIp': '198.51.100.0/24' } } }, true],
    [{ Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-91237329' } } }, false],
    [{ Condition: { StringLike: { 'aws:SourceVpc': 'vpc-*' } } }, true],
    [{ Condition: { StringEqualsIfExists: { 'aws:SourceVpc': 'vpc-91237329' } } }, true],
    [{ Condition: { Bool: { 'aws:SecureTransport': 'true' } } }, true],
    [{ Condition: { StringLike: { 'aws:Referer': 'https://example.org/*' } } }, true],
  ]
  for (const [change, expected] of cases) {
    assert.equal(isPublicPolicy(readPolicy(statement(change), BUCKET)), expected, JSON.stringify(change))
  }
})
