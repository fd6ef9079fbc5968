import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evaluate } from './evaluate.ts'
import { type Keys, policyRequest, readPolicy, verdictOf } from './policy-request.fixture.ts'

const ARN = 'arn:aws:s3:::b'
const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: `${ARN}/*` }

test('actions, resources and their opposites', () => {
  const cases: [object, string, string, 'allow' | 'deny' | 'none'][] = [
    [allow, 's3:GetObject', `${ARN}/k`, 'allow'],
    [allow, 's3:getobject', `${ARN}/k`, 'allow'],
    [allow, 's3:GetObjectVersion', `${ARN}/k`, 'none'],
    [allow, 's3:GetObject', `${ARN}2/k`, 'none'],
    [allow, 's3:GetObject', ARN, 'none'],
    [{ ...allow, Action: 'S3:gET*' }, 's3:GetObjectVersion', `${ARN}/k`, 'allow'],
    [{ ...allow, Action: 's3:GetObjec?' }, 's3:GetObject', `${ARN}/k`, 'allow'],
    [{ ...allow, Action: ['s3:PutObject', '*'] }, 's3:ListBucket', `${ARN}/`, 'allow'],
    [{ ...allow, Resource: `${ARN}/a/*/c` }, 's3:GetObject', `${ARN}/a/x/y/c`, 'allow'],
    [{ ...allow, Resource: `${ARN}/a/*/c` }, 's3:GetObject', `${ARN}/a/c`, 'none'],
    [{ ...allow, Resource: `${ARN}/?.txt` }, 's3:GetObject', `${ARN}/😀.txt`, 'allow'],
    [{ ...allow, Resource: `${ARN}/?.txt` }, 's3:GetObject', `${ARN}/ab.txt`, 'none'],
    [{ ...allow, Resource: `${ARN}/A` }, 's3:GetObject', `${ARN}/a`, 'none'],
    [{ ...allow, Resource: `${ARN}/\${*}` }, 's3:GetObject', `${ARN}/*`, 'allow'],
    [{ ...allow, Resource: `${ARN}/\${*}` }, 's3:GetObject', `${ARN}/x`, 'none'],
    [{ ...allow, Resource: `${ARN}/\${?}\${$}` }, 's3:GetObject', `${ARN}/?$`, 'allow'],
    [{ Effect: 'Allow', NotAction: 's3:Delete*', Resource: '*' }, 's3:GetObject', `${ARN}/k`, 'allow'],
    [{ Effect: 'Allow', NotAction: 's3:Delete*', Resource: '*' }, 's3:DeleteObject', `${ARN}/k`, 'none'],
    [{ Effect: 'Deny', Action: 's3:*', NotResource: `${ARN}/own/*` }, 's3:GetObject', `${ARN}/k`, 'deny'],
    [{ Effect: 'Deny', Action: 's3:*', NotResource: `${ARN}/own/*` }, 's3:GetObject', `${ARN}/own/k`, 'none'],
  ]
  for (const [statement, action, resource, expected] of cases) {
    assert.equal(verdictOf(statement, action, resource), expected, `${JSON.stringify(statement)} ${action} ${resource}`)
  }
})

test('a variable is the value of its key, as plain text, and nothing at all without one', () => {
  const home = { ...allow, Resource: `${ARN}/home/\${aws:username}/*` }
  const cases: [object, string, Keys, 'allow' | 'deny' | 'none'][] = [
    [home, 'home/bob/k', { 'aws:username': 'bob' }, 'allow'],
    [home, 'home/eve/k', { 'aws:username': 'bob' }, 'none'],
    [home, 'home/eve/k', { 'aws:username': '*' }, 'none'],
    [home, 'home/eve/k', { 'aws:username': 'e?e' }, 'none'],
    [home, 'home//k', {}, 'none'],
    [home, 'home/${aws:username}/k', {}, 'none'],
    [{ ...allow, Resource: `${ARN}/\${aws:username, 'all'}/*` }, 'all/k', {}, 'allow'],
    [{ ...allow, Resource: `${ARN}/\${aws:username, 'all'}/*` }, 'all/k', { 'aws:username': 'bob' }, 'none'],
    [{ ...allow, Resource: [`${ARN}/\${aws:userid}/*`, `${ARN}/pub/*`] }, 'pub/k', {}, 'allow'],
    [{ ...allow, Resource: `${ARN}/\${idp.example.com:sub}/*` }, 'bob/k', { 'idp.example.com:sub': 'bob' }, 'allow'],
    [{ ...allow, Resource: `${ARN}/\${idp.example.com:sub}/*` }, 'eve/k', { 'idp.example.com:sub': 'bob' }, 'none'],
    [{ ...allow, Resource: `${ARN}/\${127.0.0.1:80:sub}/*` }, 'bob/k', { '127.0.0.1:80:sub': 'bob' }, 'allow'],
    [{ ...allow, Resource: `${ARN}/\${IDP.x/Id:sub}/*` }, 'bob/k', { 'idp.x/Id:sub': 'bob' }, 'allow'],
    [{ Effect: 'Allow', Action: '*', NotResource: `${ARN}/\${aws:userid}/*` }, 'k', {}, 'none'],
    [{ Effect: 'Deny', Action: '*', NotResource: `${ARN}/\${aws:userid}/*` }, 'k', {}, 'deny'],
  ]
  for (const [statement, key, keys, expected] of cases) {
    assert.equal(verdictOf(statement, 's3:GetObject', `${ARN}/${key}`, keys), expected, JSON.stringify(statement))
  }
  const old = readPolicy({ Statement: { ...allow, Resource: `${ARN}/\${aws:username}/*` } })
  const asked = (key: string): string =>
    evaluate(old, policyRequest('s3:GetObject', `${ARN}/${key}`, { 'aws:username': 'bob' }))
  assert.equal(asked('bob/k'), 'none', 'the older version of the language has no variables')
  assert.equal(asked('${aws:username}/k'), 'allow')
})

test('each condition operator, and what a missing key means to it', () => {
  const cases: [operator: string, policy: unknown, request: string | undefined, holds: boolean][] = [
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', 'a', 'A', false],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEquals', ['x', 'a'], 'a', true],
    ['StringEquals', 'a', undefined, false],
    ['StringEqualsIfExists', 'a', undefined, true],
    ['StringEqualsIfExists', 'a', 'b', false],
    ['StringNotEquals', 'a', 'b', true],
    ['StringNotEquals', ['a', 'b'], 'b', false],
    ['StringNotEquals', 'a', undefined, true],
    ['StringEqualsIgnoreCase', 'Ab', 'aB', true],
    ['StringNotEqualsIgnoreCase', 'Ab', 'aB', false],
    ['StringLike', 'a*c?', 'abbcd', true],
    ['StringLike', 'a*', undefined, false],
    ['StringNotLike', 'a*', 'ba', true],
    ['StringNotLike', 'a*', undefined, true],
    ['NumericEquals', 10, '10.0', true],
    ['NumericNotEquals', '10', '10', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', 'x', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['DateLessThan', '2026-01-02T00:00:00Z', '2026-01-01T23:59:59Z', true],
    ['DateLessThan', '2026-01-02', '2026-01-02T00:00:00Z', false],
    ['DateGreaterThan', '1700000000', '2026-01-02T00:00:00Z', true],
    ['DateGreaterThanEquals', '2026-01-02T01:00:00+01:00', '2026-01-02T00:00:00Z', true],
    ['DateEquals', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z', true],
    ['DateNotEquals', '2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z', false],
    ['DateLessThanEquals', '2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z', false],
    ['Bool', true, 'true', true],
    ['Bool', 'False', 'false', true],
    ['Bool', 'true', 'false', false],
    ['Bool', 'false', undefined, false],
    ['BoolIfExists', 'false', undefined, true],
    ['BinaryEquals', 'YQ==', 'YQ==', true],
    ['IpAddress', '192.0.2.0/24', '192.0.2.188', true],
    ['IpAddress', '192.0.2.0/24', '192.0.3.1', false],
    ['IpAddress', '192.0.2.0/24', '::ffff:192.0.2.7', true],
    ['IpAddress', '2001:db8:1234::/48', '2001:DB8:1234:5::1', true],
    ['IpAddress', '2001:db8:1234::/48', '2001:db8:1235::1', false],
    ['IpAddress', '0.0.0.0/0', '::1', false],
    ['NotIpAddress', '192.0.2.0/24', '192.0.3.1', true],
    ['NotIpAddress', '192.0.2.0/24', '192.0.2.1', false],
    ['ArnEquals', 'arn:aws:iam::123456789012:role/*', 'arn:aws:iam::123456789012:role/a/b', true],
    ['ArnLike', 'arn:aws:*:role/a', 'arn:aws:iam::123456789012:role/a', false],
    ['ArnLike', 'arn:aws:iam::*:role/a', 'arn:aws:iam::123456789012:role/a', true],
    ['ArnNotEquals', 'arn:aws:iam::123456789012:role/a', 'arn:aws:iam::123456789012:role/b', true],
    ['ArnNotLike', 'arn:aws:iam::*:role/*', 'arn:aws:iam::123456789012:role/b', false],
    ['Null', 'true', undefined, true],
    ['Null', true, 'a', false],
    ['Null', 'false', 'a', true],
    ['stringequals', 'a', 'a', true],
  ]
  for (const [operator, policy, request, holds] of cases) {
    const statement = { ...allow, Condition: { [operator]: { 'aws:Referer': policy } } }
    const got = verdictOf(
      statement,
      's3:GetObject',
      `${ARN}/k`,
      request === undefined ? {} : { 'aws:referer': request },
    )
    assert.equal(got, holds ? 'allow' : 'none', `${operator} ${String(policy)} ${String(request)}`)
  }
})

test('sets of values', () => {
  const cases: [operator: string, policy: string[], request: string[] | undefined, holds: boolean][] = [
    ['ForAllValues:StringEquals', ['a', 'b'], ['a'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringEquals', ['a'], [], true],
    ['ForAllValues:StringEquals', ['a'], undefined, true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'b'], true],
    ['ForAnyValue:StringEquals', ['a'], ['c'], false],
    ['ForAnyValue:StringEquals', ['a'], undefined, false],
    ['ForAnyValue:StringLike', ['a*'], ['x', 'ab'], true],
    ['ForAnyValue:StringNotEquals', ['a'], ['a', 'b'], true],
    ['ForAnyValue:StringNotEquals', ['a'], undefined, false],
    ['ForAllValues:StringNotEquals', ['a'], ['a', 'b'], false],
  ]
  for (const [operator, policy, request, holds] of cases) {
    const statement = { ...allow, Condition: { [operator]: { 's3:RequestObjectTagKeys': policy } } }
    const keys = request === undefined ? {} : { 's3:RequestObjectTagKeys': request }
    const got = verdictOf(statement, 's3:GetObject', `${ARN}/k`, keys)
    assert.equal(got, holds ? 'allow' : 'none', `${operator} ${String(request)}`)
  }
})

test('a policy of a home folder, as IAM documents it', () => {
  const policy = readPolicy({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:ListBucket'],
        Resource: ['arn:aws:s3:::amzn-s3-demo-bucket'],
        Condition: { StringLike: { 's3:prefix': ['', 'home/', 'home/${aws:username}/*'] } },
      },
      {
        Effect: 'Allow',
        Action: 's3:*',
        Resource: [
          'arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}',
          'arn:aws:s3:::amzn-s3-demo-bucket/home/${aws:username}/*',
        ],
      },
      { Effect: 'Deny', Action: 's3:Delete*', Resource: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ],
  })
  const as = (action: string, path: string, keys: Keys = {}): string =>
    evaluate(
      policy,
      policyRequest(action, `arn:aws:s3:::amzn-s3-demo-bucket${path}`, { 'aws:username': 'bob', ...keys }),
    )
  assert.equal(as('s3:ListBucket', '', { 's3:prefix': 'home/' }), 'allow')
  assert.equal(as('s3:ListBucket', '', { 's3:prefix': 'home/bob/a' }), 'allow')
  assert.equal(as('s3:ListBucket', '', { 's3:prefix': 'home/eve/' }), 'none')
  assert.equal(as('s3:ListBucket', ''), 'none')
  assert.equal(as('s3:PutObject', '/home/bob/x'), 'allow')
  assert.equal(as('s3:PutObject', '/home/bobby/x'), 'none')
  assert.equal(as('s3:DeleteObject', '/home/bob/x', { 'aws:SecureTransport': 'false' }), 'deny')
  assert.equal(as('s3:DeleteObject', '/home/bob/x', { 'aws:SecureTransport': 'true' }), 'allow')
})

test('a statement of a bucket policy is about its principals', () => {
  const kind = { kind: 'bucket', bucket: 'b' } as const
  const role = 'arn:aws:iam::123456789012:role/app'
  const said = (Principal: unknown): string =>
    evaluate(
      readPolicy({ Statement: { ...allow, Principal } }, kind),
      policyRequest('s3:GetObject', `${ARN}/k`, {}, (one) => one.kind === 'aws' && one.id === role),
    )
  assert.equal(said('*'), 'allow')
  assert.equal(said({ AWS: '*' }), 'allow')
  assert.equal(said({ AWS: ['123456789012', role] }), 'allow')
  assert.equal(said({ AWS: 'arn:aws:iam::123456789012:role/other' }), 'none')
  assert.equal(said({ Service: 'logging.s3.amazonaws.com' }), 'none')
})

const part = fc.constantFrom('a', 'b', '*', '?', 'a/', '${aws:username}', '${*}')
const resource = fc.array(part, { maxLength: 4 }).map((parts) => `${ARN}/${parts.join('')}`)
const action = fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:*', 's3:Get*', '*')
const condition = fc.constantFrom(
  {},
  { Condition: { StringEquals: { 'aws:username': 'a' } } },
  { Condition: { StringNotLike: { 'aws:username': 'b*' } } },
  { Condition: { Bool: { 'aws:SecureTransport': 'true' } } },
)
const statement = fc
  .tuple(fc.constantFrom('Allow', 'Deny'), action, resource, fc.boolean(), fc.boolean(), condition)
  .map(([Effect, what, where, notAction, notResource, when]) => ({
    Effect,
    [notAction ? 'NotAction' : 'Action']: what,
    [notResource ? 'NotResource' : 'Resource']: where,
    ...when,
  }))
const request = fc
  .tuple(
    fc.constantFrom('s3:GetObject', 's3:PutObject', 's3:DeleteObject'),
    fc.array(fc.constantFrom('a', 'b', '/', '*'), { maxLength: 4 }),
    fc.constantFrom<Keys>({}, { 'aws:username': 'a' }, { 'aws:username': 'b', 'aws:SecureTransport': 'true' }),
  )
  .map(([what, key, keys]) => policyRequest(what, `${ARN}/${key.join('')}`, keys))
const session = (Statement: object[]) => readPolicy({ Version: '2012-10-17', Statement })

test('an explicit Deny wins wherever it stands, and taking an Allow away never grants', () => {
  const property = fc.property(fc.array(statement, { minLength: 1, maxLength: 6 }), request, (statements, asked) => {
    const alone = statements.map((one) => evaluate(session([one]), asked))
    const expected = alone.includes('deny') ? 'deny' : alone.includes('allow') ? 'allow' : 'none'
    const whole = evaluate(session(statements), asked)
    assert.equal(whole, expected)
    for (const [at, one] of statements.entries()) {
      const without = statements.toSpliced(at, 1)
      if (one.Effect !== 'Allow' || without.length === 0) continue
      const rest = evaluate(session(without), asked)
      assert.ok(rest === whole || (whole === 'allow' && rest === 'none'), `${whole} became ${rest}`)
    }
  })
  fc.assert(property, { numRuns: 2000 })
})
