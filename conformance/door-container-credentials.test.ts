import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
import { guideFolder } from './guide-folder.ts'
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

/** Debian 12 has releases that read no endpoint from the environment or a profile. This does what later ones do. */
const ENDPOINTS = `
import os, sys
if any(each.endswith('/aws') for each in sys.orig_argv):
    sys.path.insert(0, '/usr/lib/python3/dist-packages/awscli')
from botocore.session import Session
create = Session.create_client
def create_client(self, service_name, *args, **options):
    name = 'AWS_ENDPOINT_URL_' + service_name.upper().replace('-', '_')
    endpoint = os.environ.get(name) or self.get_scoped_config().get('endpoint_url')
    options['endpoint_url'] = options.get('endpoint_url') or endpoint
    return create(self, service_name, *args, **options)
Session.create_client = create_client
`

const withoutJq = ['/usr/bin/curl', '/usr/bin/jq'].every((path) => existsSync(path)) ? false : 'apt-get install curl jq'
const withoutTools = withoutAws || withoutRclone || withoutJq

test('what the guide of clients says works as it stands', { skip: withoutTools }, async () => {
  const { admin, dir, system } = world
  const person = { email: 'me@example.com', password: 'a password that nobody guesses' }
  assert.equal((await admin.post('/users', person)).status, 201)
  const [port, storePort] = [new URL(system.url).port, new URL(system.s3Url).port]
  const replace = (text: string): string =>
    text.replaceAll(':8080', `:${port}`).replaceAll(':9000', `:${storePort}`).replaceAll('PASSWORD', person.password)
  const modules = { '@aws-sdk/client-s3': undefined, '@aws-sdk/credential-providers': undefined }
  await using folder = await guideFolder('clients.md', { replace, modules })
  await writeFile(join(dir, 'sitecustomize.py'), ENDPOINTS)
  const sections = ['Before you start', 'AWS CLI', 'boto3', 'AWS SDK for JavaScript', 'rclone']
  await folder.run(sections, { env: { PYTHONPATH: dir } })
})
