import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fromHttp } from '@aws-sdk/credential-providers'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import {
  awsS3,
  LIBRARY,
  python,
  runRclone,
  startWorld,
  sts,
  withoutAws,
  withoutRclone,
  type World,
} from './door-steps.ts'
import { request } from './http.ts'

let world: World

before(async () => {
  world = await startWorld({ SKYCRATE_CREDENTIALS_MAX_MINUTES: '20' })
})
after(() => world?.[Symbol.asyncDispose]())

const settings = (query = ''): Record<string, string> => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: `${world.system.url}/container-credentials${query}`,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: `Bearer ${world.ada.token}`,
})

test('awscli works in its own folder and is refused at a neighbour', { skip: withoutAws }, async () => {
  const aws = (...args: string[]): Promise<string> => awsS3(world, settings(), ...args)
  await aws('cp', 'file.txt', `s3://${LIBRARY}/u1/file.txt`)
  await assert.rejects(aws('cp', 'file.txt', `s3://${LIBRARY}/u12/file.txt`), /AccessDenied/)
})

const BOTO3 = `
import boto3, botocore, os
s3 = boto3.client('s3', endpoint_url=os.environ['S3'])
s3.put_object(Bucket='${LIBRARY}', Key='u1/boto3.txt', Body=b'hello')
for key in ['u12/secret.txt', 'private/x']:
    try:
        s3.get_object(Bucket='${LIBRARY}', Key=key)
    except botocore.exceptions.ClientError as error:
        print(error.response['Error']['Code'])
`

test('boto3 does the same, with the credentials of one folder', { skip: withoutAws }, async () => {
  const said = await python(world, settings(`?bucket=${LIBRARY}&prefix=u1/&durationSeconds=900`), BOTO3)
  assert.deepEqual(said.trim().split('\n'), ['AccessDenied', 'AccessDenied'])
})

test('the AWS SDK for JavaScript does the same, with the bare token', async () => {
  const credentials = fromHttp({
    awsContainerCredentialsFullUri: `${world.system.url}/container-credentials`,
    awsContainerAuthorizationToken: world.ada.token!,
  })
  const s3 = new S3Client({ endpoint: world.system.s3Url, region: 'us-east-1', forcePathStyle: true, credentials })
  await s3.send(new PutObjectCommand({ Bucket: LIBRARY, Key: 'u1/js.txt', Body: 'hello' }))
  await assert.rejects(s3.send(new GetObjectCommand({ Bucket: LIBRARY, Key: 'u12/secret.txt' })), {
    name: 'AccessDenied',
  })
})

test('nothing is valid for longer than the operator says, whatever is asked', async () => {
  const { ada, system } = world
  const headers = { authorization: `Bearer ${ada.token}` }
  const place = { bucket: LIBRARY, prefix: 'u1/', durationSeconds: 43_200 }
  const ends = [
    await request(`${system.url}/container-credentials`, { headers }),
    await request(`${system.url}/container-credentials?durationSeconds=43200`, { headers }),
    await ada.post('/credentials', place),
    await sts(system, { Action: 'AssumeRoleWithWebIdentity', DurationSeconds: '43200', WebIdentityToken: ada.token! }),
  ].map(({ text }) => /"?[Ee]xpiration"?[:>]"?([^"<]+)/.exec(text)?.[1] ?? '')
  for (const end of ends) {
    const minutes = (Date.parse(end) - Date.now()) / 60_000
    assert.ok(minutes > 10 && minutes <= 20.1, end)
  }
})

test('refusals are JSON with a code and a message', async () => {
  const ask = async (query: string, authorization?: string, method = 'GET'): Promise<[number, string]> => {
    const headers = authorization === undefined ? {} : { authorization }
    const answer = await request(`${world.system.url}/container-credentials${query}`, { headers, method })
    const { code, message } = answer.json<{ code: string; message: string }>()
    assert.ok(message.length > 0)
    return [answer.status, code]
  }
  const token = world.ada.token!
  assert.deepEqual(await ask(''), [401, 'unauthenticated'])
  assert.deepEqual(await ask('', 'Basic x'), [401, 'invalid-token'])
  assert.deepEqual(await ask(`?bucket=${LIBRARY}&prefix=u12/`, token), [403, 'forbidden'])
  for (const query of [
    '?durationSeconds=1',
    '?prefix=u1/',
    `?bucket=${LIBRARY}&prefix=u1`,
    `?bucket=${LIBRARY}&prefix=u1/../u12/`,
    `?bucket=${LIBRARY}&bucket=x`,
    '?other=1',
  ]) {
    assert.deepEqual(await ask(query, token), [400, 'invalid-request'], query)
  }
  assert.deepEqual(await ask('', token, 'POST'), [405, 'method-not-allowed'])
})

test('rclone works in its own folder and is refused at a neighbour', { skip: withoutRclone }, async () => {
  const remote = (place: string): string =>
    `:s3,provider=Other,env_auth=true,force_path_style=true,no_check_bucket=true,endpoint='${world.system.s3Url}':${LIBRARY}/${place}`
  const rclone = (...args: string[]): Promise<string> => runRclone(world, settings(), ...args)
  await rclone('copyto', 'file.txt', remote('u1/rclone.txt'))
  assert.match(await rclone('lsf', remote('u1/')), /rclone\.txt/)
  await assert.rejects(rclone('copyto', 'file.txt', remote('u12/rclone.txt')), /Forbidden|AccessDenied/)
  await assert.rejects(rclone('lsf', remote('u12/')), /AccessDenied/)
})
