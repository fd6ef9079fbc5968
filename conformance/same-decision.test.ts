import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { type Api, signInAsAdmin } from './api.ts'
import { startWorld, withoutAws, withoutRclone, type World } from './door-steps.ts'
import {
  awscliBySts,
  BUCKET,
  boto3ByTokens,
  neighbourIsUntouched,
  rcloneByContainer,
  sdkByEveryDoor,
} from './every-door.ts'
import { CEPH_PACKAGES, type Ceph, cephInstalled, startCeph } from './engines/ceph-rgw.ts'
import { compare } from './same-decision/compare.ts'
import type { Asked, Engine } from './same-decision/model.ts'
import type { SigningKeys } from './sigv4.ts'
import { storeRootKeys } from './store-root.ts'
import { startPlainIssuer } from './issuers/plain-issuer.ts'
import { startSystem } from './system.ts'

// Random permissions, callers and hostile keys: what the permissions say as they are written, what the API decides, and what a
// real store does with the credentials of every door must be the same. packages/core/test/same-decision.test.ts does it in
// process, a hundred thousand times.

const CASES = Number(process.env['SKYCRATE_TEST_DIFFERENTIAL_STORE_CASES'] ?? 1000)
const SEED = Number(process.env['SKYCRATE_TEST_DIFFERENTIAL_SEED'] ?? Date.now() % 2 ** 31)

const limits = { SKYCRATE_GUESTS: 'true', SKYCRATE_DENIAL_RATE: '0', SKYCRATE_GUEST_RATE: '0', SKYCRATE_USER_RATE: '0' }

async function run(
  engine: Engine,
  env: Readonly<Record<string, string>>,
  keys?: Asked['owner'],
  afterwards?: (admin: Api) => Promise<void>,
): Promise<string> {
  await using issuer = await startPlainIssuer('/')
  const issuers = [{ issuer: issuer.issuer, audience: 'files', claims: { groups: 'groups' } }]
  await using system = await startSystem({ env: { ...limits, ...env, SKYCRATE_ISSUERS: JSON.stringify(issuers) } })
  const owner = keys ?? (await storeRootKeys(system))
  const admin = await signInAsAdmin(system)
  const { asked, allowed, refused } = await compare({ engine, system, issuer, admin, owner, seed: SEED, cases: CASES })
  assert.ok(asked >= CASES && allowed > CASES / 20, `${asked} were asked and ${allowed} allowed`)
  await afterwards?.(admin)
  return `seed ${SEED}: ${asked} operations, ${allowed} of them allowed; ${refused} times no credentials`
}

test('the embedded store and every door agree with the permissions', async (t) => {
  t.diagnostic(await run('embedded', {}))
})

/** A session that assumed the role again would have no policy, and so everything. */
async function noRoleAgain(admin: Api, { owner, url: endpoint }: Ceph, RoleArn: string): Promise<void> {
  const place = { bucket: 'skycrate-diff', prefix: 'again/' }
  const row = { ...place, principal: { kind: 'everyone' }, actions: ['read'] }
  assert.equal((await admin.post('/permissions', row)).status, 201)
  const vended = await admin.post('/credentials', place)
  assert.equal(vended.status, 200, vended.text)
  const assume = (credentials: SigningKeys): Promise<unknown> =>
    new STSClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }).send(
      new AssumeRoleCommand({ RoleArn, RoleSessionName: 'again' }),
    )
  await assume(owner)
  await assert.rejects(assume(vended.json()))
}

const skip = cephInstalled() ? false : `a real Ceph gateway: apt-get install ${CEPH_PACKAGES.join(' ')}`

describe('on a real Ceph RADOS Gateway', { skip }, () => {
  let ceph: Ceph
  let role: string
  const env = (): Record<string, string> => ({
    S3_ENDPOINT: ceph.url,
    S3_REGION: ceph.region,
    S3_ACCESS_KEY_ID: ceph.owner.accessKeyId,
    S3_SECRET_ACCESS_KEY: ceph.owner.secretAccessKey,
    S3_ROLE_ARN: role,
    SKYCRATE_STRICT_PROVISIONING: 'false',
  })

  before(async () => {
    ceph = await startCeph()
    role = await ceph.addRole('skycrate-users')
  })
  after(() => ceph?.[Symbol.asyncDispose]())

  test('the store and every door agree with the permissions', async (t) => {
    t.diagnostic(await run('ceph', env(), ceph.owner, (admin) => noRoleAgain(admin, ceph, role)))
  })

  describe('clients of each door work in their own folder and are refused at a neighbour', () => {
    let world: World
    before(async () => {
      world = await startWorld({ ...env(), SKYCRATE_LIBRARY_BUCKET: BUCKET })
    })
    after(() => world?.[Symbol.asyncDispose]())

    test('the AWS SDK for JavaScript, by every door', () => sdkByEveryDoor(world))
    test('awscli', { skip: withoutAws }, () => awscliBySts(world))
    test('boto3', { skip: withoutAws }, () => boto3ByTokens(world))
    test('rclone', { skip: withoutRclone }, () => rcloneByContainer(world))
    test('nothing of the neighbour has changed', () => neighbourIsUntouched(world))
  })
})
