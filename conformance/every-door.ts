import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { GetDataAccessCommand, S3ControlClient } from '@aws-sdk/client-s3-control'
import { fromCognitoIdentityPool, fromHttp, fromWebToken } from '@aws-sdk/credential-providers'
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from '@aws-sdk/types'
import { download, list } from './client-steps.ts'
import { awsS3, awsSession, python, runRclone, type World } from './door-steps.ts'

// Credentials of each door, used by clients as their projects ship them: each works in a folder of ada's, `u1/`, and is refused
// at bob's, `u12/`.

type Keys = AwsCredentialIdentity | AwsCredentialIdentityProvider

const ROLE = 'arn:aws:iam::123456789012:role/any'
const IDENTITY = 'arn:skycrate:iam:::identity'
const REGION = 'us-east-1'
/** Of the world's library. */
export const BUCKET = 'skycrate-clients'

/** The AWS SDK for JavaScript, by every door. */
export async function sdkByEveryDoor(world: World): Promise<void> {
  const { ada, issuer, system } = world
  const sts = { endpoint: `${system.url}/sts`, region: REGION }
  const vended = await ada.post('/credentials', { bucket: BUCKET, prefix: 'u1/' })
  assert.equal(vended.status, 200, vended.text)
  const { accessKeyId, secretAccessKey, sessionToken } =
    vended.json<Required<Pick<AwsCredentialIdentity, 'accessKeyId' | 'secretAccessKey' | 'sessionToken'>>>()
  const session = (roleArn: string): AwsCredentialIdentityProvider =>
    fromWebToken({ roleArn, webIdentityToken: ada.token!, clientConfig: sts })
  const doors: Record<string, Keys> = {
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    sts: session(ROLE),
    'sts, one location': session(`arn:skycrate:iam:::location/${BUCKET}/u1/`),
    'cognito-identity': fromCognitoIdentityPool({
      identityPoolId: 'us-east-1:11111111-2222-3333-4444-555555555555',
      logins: { [issuer.issuer.replace('http://', '')]: ada.idToken() },
      clientConfig: { endpoint: `${system.url}/cognito-identity`, region: REGION },
    }),
    'container-credentials': fromHttp({
      awsContainerCredentialsFullUri: `${system.url}/container-credentials`,
      awsContainerAuthorizationToken: ada.token!,
    }),
    'access-grants': await dataAccess(world, session(IDENTITY), `s3://${BUCKET}/u1/*`),
  }
  await Promise.all(Object.entries(doors).map(([door, keys]) => worksInItsOwn(world, door, keys)))
  for (const place of ['u12/*', 'u1*', `private/${world.bob.id}/*`]) {
    await assert.rejects(dataAccess(world, session(IDENTITY), `s3://${BUCKET}/${place}`), DENIED, place)
  }
}

const DENIED = { name: 'AccessDenied' }

async function worksInItsOwn({ system }: World, door: string, credentials: Keys): Promise<void> {
  const s3 = new S3Client({ endpoint: system.s3Url, region: REGION, forcePathStyle: true, credentials })
  const name = door.replaceAll(/\W+/g, '-')
  const at = (Key: string): { Bucket: string; Key: string } => ({ Bucket: BUCKET, Key })
  await s3.send(new PutObjectCommand({ ...at(`u1/${name}.txt`), Body: door }))
  const read = await s3.send(new GetObjectCommand(at(`u1/${name}.txt`)))
  assert.equal(await read.Body?.transformToString(), door)
  const listed = (Prefix: string) => s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }))
  assert.ok((await listed('u1/')).Contents?.some(({ Key }) => Key === `u1/${name}.txt`))
  await assert.rejects(s3.send(new GetObjectCommand(at('u12/secret.txt'))), DENIED, door)
  await assert.rejects(s3.send(new PutObjectCommand({ ...at('u12/secret.txt'), Body: 'x' })), DENIED, door)
  await assert.rejects(listed('u12/'), DENIED, door)
  await assert.rejects(listed('u1'), DENIED, door)
}

/** The client puts the account before the host: here a name that leads to the server. */
async function dataAccess({ system }: World, credentials: Keys, Target: string): Promise<AwsCredentialIdentity> {
  const httpAgent = new Agent({ lookup: (_host, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) })
  const client = new S3ControlClient({
    endpoint: system.url.replace('127.0.0.1', 'skycrate.test'),
    region: REGION,
    maxAttempts: 1,
    credentials,
    requestHandler: { httpAgent },
  })
  const asked = { AccountId: '000000000000', Target, Permission: 'READWRITE' } as const
  const { Credentials: given } = await client.send(new GetDataAccessCommand(asked))
  return {
    accessKeyId: given!.AccessKeyId!,
    secretAccessKey: given!.SecretAccessKey!,
    sessionToken: given!.SessionToken!,
  }
}

/** The AWS command line by `/sts`. */
export async function awscliBySts(world: World): Promise<void> {
  const env = await awsSession(world, world.ada.token!, ROLE)
  await awsS3(world, env, 'cp', 'file.txt', `s3://${BUCKET}/u1/awscli.txt`)
  await Promise.all([
    // Ceph's refusal of an upload has no message, over which this version stumbles.
    assert.rejects(awsS3(world, env, 'cp', 'file.txt', `s3://${BUCKET}/u12/file.txt`), /AccessDenied|upload failed/),
    assert.rejects(awsS3(world, env, 'cp', `s3://${BUCKET}/u12/secret.txt`, 'secret.txt'), /403/),
  ])
}

const BOTO3 = `
import boto3, botocore, os, sys
plain = dict(region_name='${REGION}', config=botocore.config.Config(signature_version=botocore.UNSIGNED))
pool = boto3.client('cognito-identity', endpoint_url=os.environ['POOL'], **plain)
logins = {sys.argv[1]: sys.argv[2]}
id = pool.get_id(IdentityPoolId='us-east-1:11111111-2222-3333-4444-555555555555', Logins=logins)['IdentityId']
one = pool.get_credentials_for_identity(IdentityId=id, Logins=logins)['Credentials']
sts = boto3.client('sts', endpoint_url=os.environ['STS'])
two = sts.assume_role_with_web_identity(RoleArn='${ROLE}', RoleSessionName='boto3', WebIdentityToken=sys.argv[2])['Credentials']
for keys in [(one['AccessKeyId'], one['SecretKey'], one['SessionToken']), (two['AccessKeyId'], two['SecretAccessKey'], two['SessionToken'])]:
    s3 = boto3.Session(*keys).client('s3', endpoint_url=os.environ['S3'])
    s3.put_object(Bucket='${BUCKET}', Key='u1/boto3.txt', Body=b'hello')
    print(s3.get_object(Bucket='${BUCKET}', Key='u1/boto3.txt')['Body'].read().decode())
    try:
        s3.get_object(Bucket='${BUCKET}', Key='u12/secret.txt')
    except botocore.exceptions.ClientError as error:
        print(error.response['Error']['Code'])
`

/** What bob has after all that. */
export async function neighbourIsUntouched({ bob }: World): Promise<void> {
  const { objects } = await list(bob, BUCKET, { prefix: 'u12/' })
  assert.deepEqual(
    objects.map(({ key }) => key),
    ['u12/secret.txt'],
  )
  assert.equal((await download(bob, BUCKET, 'u12/secret.txt')).toString(), "bob's")
}

/** boto3 by `/cognito-identity` and `/sts`. */
export async function boto3ByTokens(world: World): Promise<void> {
  const env = { POOL: `${world.system.url}/cognito-identity` }
  const login = world.issuer.issuer.replace('http://', '')
  const said = await python(world, env, BOTO3, login, world.ada.token!)
  assert.deepEqual(said.trim().split('\n'), ['hello', 'AccessDenied', 'hello', 'AccessDenied'])
}

/** rclone by the container protocol. */
export async function rcloneByContainer(world: World): Promise<void> {
  const env = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${world.system.url}/container-credentials`,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: `Bearer ${world.ada.token}`,
  }
  const options = `provider=Ceph,env_auth=true,force_path_style=true,no_check_bucket=true,endpoint='${world.system.s3Url}'`
  const at = (place: string): string => `:s3,${options}:${BUCKET}/${place}`
  await runRclone(world, env, 'copyto', 'file.txt', at('u1/rclone.txt'))
  await assert.rejects(runRclone(world, env, 'copyto', 'file.txt', at('u12/rclone.txt')), /AccessDenied|Forbidden|403/)
}
