import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { fromWebToken } from '@aws-sdk/credential-providers'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import type { Credentials } from '@skycrate/core/sigv4/credentials'
import { send, sendUnsigned } from './raw-request.ts'
import { startIssuer } from './running-issuer.ts'
import { CREDENTIALS, makeClient, startRunningServer } from './running-server.ts'
import { callSts, policyText, ROLE, textOf } from './sts-request.ts'
import { ARN, askInQuery, askWithToken, BUCKET, credentialsOf, homePolicy, trusting } from './web-identity-request.ts'

const Bucket = BUCKET
const denied = { name: 'AccessDenied' }
const everything = { Effect: 'Allow', Action: '*', Resource: '*' }
const OTHER_ROLE = 'arn:aws:iam::123456789012:role/other'

interface Attempt {
  readonly method?: string
  readonly key: string
  readonly now?: number
}

/** S3's error code, '' for what was allowed. */
const codeOf = async (
  url: string,
  credentials: Credentials,
  { method = 'GET', key, now = Date.now() }: Attempt,
): Promise<string> => (await send(url, { method, path: `/${Bucket}/${key}`, credentials, now })).code

const putAll = async (url: string, keys: readonly string[], now = Date.now()): Promise<void> => {
  await send(url, { method: 'PUT', path: `/${Bucket}`, now })
  for (const key of keys) await send(url, { method: 'PUT', path: `/${Bucket}/${key}`, body: key, now })
}

test("a token becomes keys that reach its bearer's folder and nothing else", async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { server } = running
  await putAll(server.url, ['home/alice/a', 'home/alice2/a', 'home/bob/a', 'a'])
  const as = makeClient(server.url, {
    credentials: fromWebToken({
      roleArn: ROLE,
      roleSessionName: 'session',
      webIdentityToken: await issuer.token(),
      clientConfig: { endpoint: server.url, region: 'us-east-1' },
    }),
  })
  const got = await as.send(new s3.GetObjectCommand({ Bucket, Key: 'home/alice/a' }))
  assert.equal(await got.Body?.transformToString(), 'home/alice/a')
  await as.send(new s3.PutObjectCommand({ Bucket, Key: 'home/alice/b', Body: 'x' }))
  assert.equal((await as.send(new s3.ListObjectsV2Command({ Bucket, Prefix: 'home/alice/' }))).KeyCount, 2)
  const refused = [
    () => as.send(new s3.GetObjectCommand({ Bucket, Key: 'home/bob/a' })),
    () => as.send(new s3.GetObjectCommand({ Bucket, Key: 'home/alice2/a' })),
    () => as.send(new s3.PutObjectCommand({ Bucket, Key: 'a', Body: 'x' })),
    () => as.send(new s3.PutObjectCommand({ Bucket, Key: 'home/alice', Body: 'x' })),
    () => as.send(new s3.CopyObjectCommand({ Bucket, Key: 'home/alice/c', CopySource: `${Bucket}/home/bob/a` })),
    () => as.send(new s3.ListObjectsV2Command({ Bucket, Prefix: 'home/' })),
    () => as.send(new s3.ListBucketsCommand({})),
    () => as.send(new s3.DeleteBucketPolicyCommand({ Bucket })),
  ]
  for (const attempt of refused) await assert.rejects(attempt(), denied, attempt.toString())
  as.destroy()
})

test('the same keys sign URLs, which reach as far', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { url } = running.server
  await putAll(url, ['home/alice/a', 'home/bob/a'])
  const credentials = credentialsOf(await askWithToken(url, await issuer.token()))
  const presigner = createPresigner({ endpoint: url, region: 'us-east-1', credentials, addressing: 'path' })
  const answerTo = async (method: 'GET' | 'PUT', key: string) => {
    const signed = presigner.presign({ method, bucket: Bucket, key, expiresIn: 60, now: Date.now() })
    return await sendUnsigned(url, method, signed.url.slice(url.length))
  }
  assert.equal((await answerTo('GET', 'home/alice/a')).text, 'home/alice/a')
  assert.equal((await answerTo('PUT', 'home/alice/b')).code, '')
  assert.equal((await answerTo('GET', 'home/bob/a')).code, 'AccessDenied')
  assert.equal((await answerTo('PUT', 'home/bob/b')).code, 'AccessDenied')
})

test('the answer says who it is for, in a form and in a query', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { url } = running.server
  const token = await issuer.token({ sub: 'a&b<c>' })
  const Policy = policyText(everything)
  for (const answer of [
    await askWithToken(url, token, { Policy }),
    await askInQuery(url, { WebIdentityToken: token, Policy }),
  ]) {
    assert.equal(answer.status, 200, answer.text)
    assert.match(
      answer.text,
      /^<\?xml.*\n<AssumeRoleWithWebIdentityResponse xmlns="https:\/\/sts\.amazonaws\.com\/doc\//,
    )
    assert.equal(textOf(answer, 'SubjectFromWebIdentityToken'), 'a&amp;b&lt;c&gt;')
    assert.equal(textOf(answer, 'Audience'), 'store')
    assert.equal(textOf(answer, 'Provider'), `arn:aws:iam::123456789012:oidc-provider/${issuer.name}`)
    assert.equal(textOf(answer, 'Arn'), 'arn:aws:sts::123456789012:assumed-role/app/session')
    assert.match(textOf(answer, 'AssumedRoleId'), /^AROA[A-Z2-7]{17}:session$/)
    assert.match(textOf(answer, 'PackedPolicySize'), /^[1-9]\d*$/)
    const who = await callSts(url, 'GetCallerIdentity', { credentials: credentialsOf(answer) })
    assert.equal(textOf(who, 'Arn'), 'arn:aws:sts::123456789012:assumed-role/app/session')
  }
})

test('a page of any origin may change its token for keys, and read why it may not', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { url } = running.server
  const origin = 'https://app.example'
  const ask = (method: string): ReturnType<typeof sendUnsigned> =>
    sendUnsigned(url, 'OPTIONS', '/', {
      origin,
      'access-control-request-method': method,
      'access-control-request-headers': 'amz-sdk-request, content-type',
    })
  const asked = await ask('POST')
  assert.deepEqual(
    [asked.status, asked.headers['access-control-allow-origin'], asked.headers['access-control-allow-headers']],
    [200, '*', 'amz-sdk-request, content-type'],
  )
  assert.equal(asked.headers['access-control-allow-credentials'], undefined)
  assert.equal((await ask('DELETE')).status, 403)
  for (const [token, status] of [
    [await issuer.token(), 200],
    ['x', 400],
  ] as const) {
    const answer = await askWithToken(url, token)
    assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [status, '*'])
  }
  const list = await send(url, { path: '/', headers: { origin } })
  assert.equal(list.headers['access-control-allow-origin'], undefined, 'buckets have rules of their own')
})

test("a session's own policy narrows its role's, and never widens it", async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { url } = running.server
  await putAll(url, ['home/alice/a', 'home/alice/b', 'home/bob/a'])
  const token = await issuer.token()
  const asked = async (...statements: object[]) =>
    credentialsOf(await askWithToken(url, token, { Policy: policyText(...statements) }))
  const wide = await asked(everything)
  assert.equal(await codeOf(url, wide, { key: 'home/alice/a' }), '')
  assert.equal(await codeOf(url, wide, { key: 'home/bob/a' }), 'AccessDenied')
  const own = `${ARN}/home/\${${issuer.name}:sub}/a`
  const narrow = await asked({ Effect: 'Allow', Action: 's3:GetObject', Resource: own })
  assert.equal(await codeOf(url, narrow, { key: 'home/alice/a' }), '')
  assert.equal(await codeOf(url, narrow, { key: 'home/alice/b' }), 'AccessDenied')
  assert.equal(await codeOf(url, narrow, { key: 'home/alice/a', method: 'PUT' }), 'AccessDenied')
  const other = await asked({ Effect: 'Allow', Action: 's3:GetObject', Resource: `${ARN}/home/bob/*` })
  assert.equal(await codeOf(url, other, { key: 'home/bob/a' }), 'AccessDenied')
})

test('a subject is plain text to a policy, whatever characters it holds', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { url } = running.server
  await putAll(url, ['home/bob/a', 'home/%2A/a', 'home/%24%7Baws%3Auserid%7D/a'])
  for (const [sub, reached] of [
    ['*', 'home/%2A/a'],
    ['?ob', undefined],
    ['${aws:userid}', 'home/%24%7Baws%3Auserid%7D/a'],
    ['bob/..', undefined],
  ] as const) {
    const credentials = credentialsOf(await askWithToken(url, await issuer.token({ sub })))
    assert.equal(await codeOf(url, credentials, { key: 'home/bob/a' }), 'AccessDenied', sub)
    if (reached !== undefined) assert.equal(await codeOf(url, credentials, { key: reached }), '', sub)
  }
})

test('assuming again never widens, whatever the next session calls itself', async () => {
  await using issuer = await startIssuer()
  const policy = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 's3:*', Resource: `${ARN}/home/\${${issuer.name}:sub}/*` },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${ARN}/by-name/\${aws:userid}/*` },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: `${ARN}/guarded` },
      { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: OTHER_ROLE },
    ],
  }
  await using running = await startRunningServer(trusting(issuer, { policy }))
  const { url } = running.server
  const first = credentialsOf(await askWithToken(url, await issuer.token(), { RoleSessionName: 'alice' }))
  const nameOf = async (credentials: Credentials) =>
    textOf(await callSts(url, 'GetCallerIdentity', { credentials }), 'UserId')
  const firstName = await nameOf(first)
  const again = (credentials: Credentials, parameters: Record<string, string>) =>
    callSts(url, 'AssumeRole', {
      credentials,
      parameters: { RoleArn: OTHER_ROLE, RoleSessionName: 'bob', Policy: policyText(everything), ...parameters },
    })
  assert.equal((await again(first, { RoleArn: ROLE })).code, 'AccessDenied')
  assert.equal((await again(first, { DurationSeconds: '3601' })).code, 'ValidationError')
  const second = credentialsOf(await again(first, {}))
  const secondName = await nameOf(second)
  assert.notEqual(secondName, firstName)
  await putAll(url, [
    'home/alice/a',
    'home/bob/a',
    `by-name/${encodeURIComponent(firstName)}/a`,
    `by-name/${encodeURIComponent(secondName)}/a`,
    'guarded',
  ])
  const check = async (credentials: Credentials, name: string): Promise<void> => {
    for (const [key, code] of [
      ['home/alice/a', ''],
      ['home/bob/a', 'AccessDenied'],
      [`by-name/${encodeURIComponent(firstName)}/a`, ''],
      [`by-name/${encodeURIComponent(secondName)}/a`, 'AccessDenied'],
      ['guarded', ''],
      ['elsewhere', 'AccessDenied'],
    ] as const) {
      assert.equal(await codeOf(url, credentials, { key }), code, `${name} ${key}`)
    }
  }
  await check(first, 'first')
  await check(second, 'second')
  const third = credentialsOf(await again(second, { RoleSessionName: 'eve' }))
  await check(third, 'third')
  assert.ok(third.endsAt <= first.endsAt)

  // A bucket policy that shuts one session out shuts out what came of it.
  const Policy = policyText({
    Effect: 'Deny',
    Action: 's3:GetObject',
    Resource: `${ARN}/guarded`,
    Principal: { AWS: ROLE },
  })
  await running.client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
  for (const credentials of [first, second, third])
    assert.equal(await codeOf(url, credentials, { key: 'guarded' }), 'AccessDenied')
})

test('a session ends on time, with its role, and with the root key', async () => {
  let now = Date.parse('2026-11-21T10:00:00Z')
  await using issuer = await startIssuer(() => now)
  await using outer = await startRunningServer({ ...trusting(issuer), now: () => now })
  await putAll(outer.server.url, ['home/alice/a'], now)
  const credentials = credentialsOf(
    await askWithToken(outer.server.url, await issuer.token(), { DurationSeconds: '900' }),
  )
  assert.equal(credentials.endsAt, '2026-11-21T10:15:00Z')
  const end = Date.parse(credentials.endsAt)
  for (const [at, code] of [
    [end - 1, ''],
    [end, 'ExpiredToken'],
  ] as const) {
    now = at
    assert.equal(await codeOf(outer.server.url, credentials, { key: 'home/alice/a', now }), code)
  }
  now = end - 60_000
  await outer.server.close()
  const codeAt = async (options: Parameters<typeof startRunningServer>[0]): Promise<string> => {
    await using again = await startRunningServer({ dataDir: outer.dataDir, now: () => now, ...options })
    return await codeOf(again.server.url, credentials, { key: 'home/alice/a', now })
  }
  assert.equal(await codeAt(trusting(issuer)), '')
  assert.equal(await codeAt(trusting(issuer, { arn: OTHER_ROLE })), 'AccessDenied')
  assert.equal(await codeAt({}), 'AccessDenied')
  const nothing = { Version: '2012-10-17', Statement: [{ ...everything, Effect: 'Deny' }] }
  assert.equal(await codeAt(trusting(issuer, { policy: nothing })), 'AccessDenied')
  const secretAccessKey = 'another secret'
  assert.equal(await codeAt({ ...trusting(issuer), credentials: { ...CREDENTIALS, secretAccessKey } }), 'InvalidToken')
})

test('a policy that asks for what a session was not given refuses it, also where it denies', async () => {
  await using issuer = await startIssuer()
  await using outer = await startRunningServer(trusting(issuer))
  await putAll(outer.server.url, ['home/alice/a'])
  const token = await issuer.token({ team: 'blocked' })
  const before = credentialsOf(await askWithToken(outer.server.url, token))
  assert.equal(await codeOf(outer.server.url, before, { key: 'home/alice/a' }), '')
  await outer.server.close()
  const { Statement } = homePolicy(issuer) as { Statement: object[] }
  const deny = {
    Effect: 'Deny',
    Action: '*',
    Resource: '*',
    Condition: { StringEquals: { [`${issuer.name}:team`]: 'blocked' } },
  }
  const policy = { Version: '2012-10-17', Statement: [...Statement, deny] }
  await using changed = await startRunningServer({ dataDir: outer.dataDir, ...trusting(issuer, { policy }) })
  const { url } = changed.server
  assert.equal(await codeOf(url, before, { key: 'home/alice/a' }), 'AccessDenied')
  const again = await callSts(url, 'AssumeRole', {
    credentials: before,
    parameters: { RoleArn: OTHER_ROLE, RoleSessionName: 'bob' },
  })
  assert.deepEqual([again.status, again.code], [403, 'AccessDenied'])
  assert.match(again.text, /<ErrorResponse xmlns="https:\/\/sts\.amazonaws\.com\//)
  for (const [claims, code] of [
    [{ team: 'blocked' }, 'AccessDenied'],
    [{ team: ['other', 'blocked'] }, 'AccessDenied'],
    [{ team: 'other' }, ''],
    [{}, ''],
  ] as const) {
    const credentials = credentialsOf(await askWithToken(url, await issuer.token(claims)))
    assert.equal(await codeOf(url, credentials, { key: 'home/alice/a' }), code, JSON.stringify(claims))
  }
})

test("a bucket policy's variables know a session's subject, and hold for it", async () => {
  await using issuer = await startIssuer()
  const policy = { Version: '2012-10-17', Statement: { ...everything, Action: 's3:*' } }
  await using running = await startRunningServer(trusting(issuer, { policy }))
  const { url } = running.server
  await putAll(url, ['home/alice/a', 'home/bob/a'])
  const Policy = policyText({
    Effect: 'Deny',
    Action: 's3:GetObject',
    NotResource: `${ARN}/home/\${${issuer.name}:sub}/*`,
    Principal: { AWS: ROLE },
  })
  await running.client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
  const credentials = credentialsOf(await askWithToken(url, await issuer.token()))
  assert.equal(await codeOf(url, credentials, { key: 'home/alice/a' }), '')
  assert.equal(await codeOf(url, credentials, { key: 'home/bob/a' }), 'AccessDenied')
})

test('a bucket policy may name an issuer, and means those who came by its tokens', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { url } = running.server
  await putAll(url, ['home/alice/a'])
  const credentials = credentialsOf(await askWithToken(url, await issuer.token()))
  const other = credentialsOf(
    await callSts(url, 'AssumeRole', { parameters: { RoleArn: ROLE, RoleSessionName: 'session' } }),
  )
  const provider = `arn:aws:iam::123456789012:oidc-provider/${issuer.name}`
  for (const [Federated, code] of [
    [provider, 'AccessDenied'],
    [issuer.name, 'AccessDenied'],
    [`${provider}2`, ''],
    ['idp.example', ''],
  ] as const) {
    const Policy = policyText({ Effect: 'Deny', Action: 's3:*', Resource: [ARN, `${ARN}/*`], Principal: { Federated } })
    await running.client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
    assert.equal(await codeOf(url, credentials, { key: 'home/alice/a' }), code, Federated)
    assert.equal(await codeOf(url, other, { key: 'home/alice/a' }), '', Federated)
  }
})

test("tags of a token are its session's, where the role takes them", async () => {
  await using issuer = await startIssuer()
  const policy = {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 's3:GetObject',
        Resource: `${ARN}/team/\${aws:PrincipalTag/Team}/*`,
        Condition: {
          StringLike: { 'aws:FederatedProvider': `arn:aws:iam::123456789012:oidc-provider/${issuer.name}` },
        },
      },
    ],
  }
  const tagged = (tags: unknown) => ({ 'https://aws.amazon.com/tags': tags })
  const red = await issuer.token(tagged({ principal_tags: { Team: ['red'] }, transitive_tag_keys: ['Team'] }))
  {
    const condition = {
      StringEqualsIfExists: { 'aws:RequestTag/Team': ['red', 'blue'] },
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['Team'] },
    }
    await using running = await startRunningServer(trusting(issuer, { policy, condition, tags: true }))
    const { url } = running.server
    await putAll(url, ['team/red/a', 'team/blue/a'])
    const credentials = credentialsOf(await askWithToken(url, red))
    assert.equal(await codeOf(url, credentials, { key: 'team/red/a' }), '')
    assert.equal(await codeOf(url, credentials, { key: 'team/blue/a' }), 'AccessDenied')
    const without = credentialsOf(await askWithToken(url, await issuer.token()))
    assert.equal(await codeOf(url, without, { key: 'team/red/a' }), 'AccessDenied')
    for (const more of [{ Team: 'green' }, { Team: 'red', Other: 'x' }]) {
      const answer = await askWithToken(url, await issuer.token(tagged({ principal_tags: more })))
      assert.deepEqual([answer.status, answer.code], [403, 'AccessDenied'], JSON.stringify(more))
    }
    for (const wrong of ['red', {}, { principal_tags: { Team: ['red', 'blue'] } }, { principal_tags: { '': 'x' } }]) {
      const answer = await askWithToken(url, await issuer.token(tagged(wrong)))
      assert.deepEqual([answer.status, answer.code], [403, 'IDPRejectedClaim'], JSON.stringify(wrong))
    }
  }
  await using strict = await startRunningServer(trusting(issuer, { policy }))
  const answer = await askWithToken(strict.server.url, red)
  assert.deepEqual([answer.status, answer.code], [403, 'AccessDenied'])
  assert.match(answer.text, /sts:TagSession/)
})
