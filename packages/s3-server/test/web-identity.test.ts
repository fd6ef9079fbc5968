import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { fromWebToken } from '@aws-sdk/credential-providers'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import type { WebIdentityIssuer, WebIdentityRole } from '../src/sts/web-identity-options.ts'
import { send, sendUnsigned } from './raw-request.ts'
import type { RawAnswer } from './raw-request.ts'
import { AUDIENCE, startIssuer } from './running-issuer.ts'
import type { RunningIssuer } from './running-issuer.ts'
import { makeClient, startRunningServer } from './running-server.ts'
import type { RunningServer } from './running-server.ts'
import { callSts, policyText, ROLE, textOf } from './sts-request.ts'

const Bucket = 'homes'
const ARN = `arn:aws:s3:::${Bucket}`
const denied = { name: 'AccessDenied' }
const everything = { Effect: 'Allow', Action: '*', Resource: '*' }

const policyOf = (...statements: object[]): object => ({ Version: '2012-10-17', Statement: statements })

/** Everybody in a folder that is named for their subject. */
const homePolicy = ({ name }: RunningIssuer): object =>
  policyOf(
    { Effect: 'Allow', Action: 's3:*', Resource: `${ARN}/home/\${${name}:sub}/*` },
    {
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: ARN,
      Condition: { StringLike: { 's3:prefix': `home/\${${name}:sub}/*` } },
    },
  )

const trusting = (
  issuer: RunningIssuer,
  role: Partial<WebIdentityRole> = {},
  more: Partial<WebIdentityIssuer> = {},
): { webIdentity: WebIdentityIssuer[] } => ({
  webIdentity: [
    {
      issuer: issuer.url,
      audience: [AUDIENCE],
      roles: [{ arn: ROLE, policy: homePolicy(issuer), ...role }],
      ...more,
    },
  ],
})

const ask = (url: string, parameters: Record<string, string>, method = 'POST'): Promise<RawAnswer> => {
  const form = new URLSearchParams({
    Action: 'AssumeRoleWithWebIdentity',
    Version: '2011-06-15',
    RoleArn: ROLE,
    RoleSessionName: 'session',
    ...parameters,
  }).toString()
  return method === 'GET'
    ? sendUnsigned(url, 'GET', `/?${form}`)
    : sendUnsigned(url, 'POST', '/', { 'content-type': 'application/x-www-form-urlencoded' }, form)
}

const credentialsOf = (answer: RawAnswer) => {
  assert.equal(answer.status, 200, answer.text)
  return {
    accessKeyId: textOf(answer, 'AccessKeyId'),
    secretAccessKey: textOf(answer, 'SecretAccessKey'),
    sessionToken: textOf(answer, 'SessionToken'),
    endsAt: textOf(answer, 'Expiration'),
  }
}

const assume = async (url: string, WebIdentityToken: string, parameters: Record<string, string> = {}) =>
  credentialsOf(await ask(url, { WebIdentityToken, ...parameters }))

test('a token becomes keys that reach its bearer`s folder and nothing else', async () => {
  await using issuer = await startIssuer()
  await using running = await startRunningServer(trusting(issuer))
  const { client, server } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  for (const Key of ['home/alice/a', 'home/alice2/a', 'home/bob/a', 'a'])
    await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key }))
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
