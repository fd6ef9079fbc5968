import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { send, sendUnsigned } from './raw-request.ts'
import { makeClient, startRunningServer } from './running-server.ts'

const Bucket = 'settings'

test('buckets are made, found, listed and removed by the rules of names and regions', async () => {
  await using running = await startRunningServer()
  const { client } = running
  for (const name of ['b-two', 'a.one']) {
    assert.equal((await client.send(new s3.CreateBucketCommand({ Bucket: name }))).Location, `/${name}`)
  }
  await client.send(new s3.CreateBucketCommand({ Bucket: 'b-two' }))
  assert.deepEqual(
    (await client.send(new s3.ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
    ['a.one', 'b-two'],
  )
  const first = await client.send(new s3.ListBucketsCommand({ MaxBuckets: 1 }))
  const second = await client.send(new s3.ListBucketsCommand({ ContinuationToken: first.ContinuationToken ?? '' }))
  assert.deepEqual(
    [...(first.Buckets ?? []), ...(second.Buckets ?? [])].map(({ Name }) => Name),
    ['a.one', 'b-two'],
  )
  assert.equal((await client.send(new s3.HeadBucketCommand({ Bucket: 'a.one' }))).BucketRegion, 'us-east-1')
  assert.equal((await client.send(new s3.GetBucketLocationCommand({ Bucket: 'a.one' }))).LocationConstraint, undefined)
  for (const name of ['ab', 'UPPER', 'under_score', '-dash', '192.168.1.1', 'x'.repeat(64), 'a..b']) {
    assert.equal((await send(running.server.url, { method: 'PUT', path: `/${name}` })).code, 'InvalidBucketName', name)
  }
  const elsewhere = new s3.CreateBucketCommand({
    Bucket: 'elsewhere',
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  })
  await assert.rejects(client.send(elsewhere), { name: 'IllegalLocationConstraintException' })
  await client.send(new s3.DeleteBucketCommand({ Bucket: 'a.one' }))
  await assert.rejects(client.send(new s3.HeadBucketCommand({ Bucket: 'a.one' })), { name: 'NotFound' })
  await assert.rejects(client.send(new s3.DeleteBucketCommand({ Bucket: 'a.one' })), { name: 'NoSuchBucket' })
})

test('elsewhere than in us-east-1 a bucket needs its region, and making it twice is an error', async () => {
  await using running = await startRunningServer({ region: 'eu-west-1' })
  const client = makeClient(running.server.url, { region: 'eu-west-1' })
  const create = new s3.CreateBucketCommand({
    Bucket,
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  })
  await client.send(create)
  await assert.rejects(client.send(create), { name: 'BucketAlreadyOwnedByYou' })
  assert.equal((await client.send(new s3.GetBucketLocationCommand({ Bucket }))).LocationConstraint, 'eu-west-1')
  client.destroy()
})

test('every step of provisioning a home is stored, read back and removed', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [`arn:aws:s3:::${Bucket}`, `arn:aws:s3:::${Bucket}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  })
  const allOn = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }

  await assert.rejects(client.send(new s3.GetPublicAccessBlockCommand({ Bucket })), {
    name: 'NoSuchPublicAccessBlockConfiguration',
  })
  await client.send(new s3.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: allOn }))
  assert.deepEqual(
    (await client.send(new s3.GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration,
    allOn,
  )
  await client.send(new s3.DeletePublicAccessBlockCommand({ Bucket }))
  await assert.rejects(client.send(new s3.GetPublicAccessBlockCommand({ Bucket })), {
    name: 'NoSuchPublicAccessBlockConfiguration',
  })

  await assert.rejects(client.send(new s3.GetBucketEncryptionCommand({ Bucket })), {
    name: 'ServerSideEncryptionConfigurationNotFoundError',
  })
  const encryption = (SSEAlgorithm: s3.ServerSideEncryption): s3.PutBucketEncryptionCommand =>
    new s3.PutBucketEncryptionCommand({
      Bucket,
      ServerSideEncryptionConfiguration: { Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm } }] },
    })
  await assert.rejects(client.send(encryption('aws:kms:dsse')), { name: 'NotImplemented' })
  await client.send(encryption('AES256'))
  const rules = (await client.send(new s3.GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration
    ?.Rules
  assert.equal(rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm, 'AES256')
  await client.send(new s3.DeleteBucketEncryptionCommand({ Bucket }))

  const ownership = (ObjectOwnership: s3.ObjectOwnership): s3.PutBucketOwnershipControlsCommand =>
    new s3.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: { Rules: [{ ObjectOwnership }] } })
  await assert.rejects(client.send(ownership('ObjectWriter')), { name: 'NotImplemented' })
  await client.send(ownership('BucketOwnerEnforced'))
  assert.equal(
    (await client.send(new s3.GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls?.Rules?.[0]
      ?.ObjectOwnership,
    'BucketOwnerEnforced',
  )
  await client.send(new s3.DeleteBucketOwnershipControlsCommand({ Bucket }))

  const CORSRules = [
    { AllowedOrigins: ['https://app'], AllowedMethods: ['GET'], ExposeHeaders: ['ETag'], MaxAgeSeconds: 60 },
  ]
  await client.send(new s3.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
  assert.deepEqual((await client.send(new s3.GetBucketCorsCommand({ Bucket }))).CORSRules, CORSRules)
  await client.send(new s3.DeleteBucketCorsCommand({ Bucket }))
  await assert.rejects(client.send(new s3.GetBucketCorsCommand({ Bucket })), { name: 'NoSuchCORSConfiguration' })

  const lifecycle = (rule: Partial<s3.LifecycleRule>): s3.PutBucketLifecycleConfigurationCommand =>
    new s3.PutBucketLifecycleConfigurationCommand({
      Bucket,
      LifecycleConfiguration: { Rules: [{ ID: 'abort', Status: 'Enabled', Filter: { Prefix: '' }, ...rule }] },
    })
  await client.send(lifecycle({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } }))
  assert.equal(
    (await client.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules?.[0]
      ?.AbortIncompleteMultipartUpload?.DaysAfterInitiation,
    7,
  )
  await client.send(new s3.DeleteBucketLifecycleCommand({ Bucket }))

  const TagSet = [{ Key: 'owner', Value: 'usr_1' }]
  await client.send(new s3.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }))
  assert.deepEqual((await client.send(new s3.GetBucketTaggingCommand({ Bucket }))).TagSet, TagSet)
  await client.send(new s3.DeleteBucketTaggingCommand({ Bucket }))

  await assert.rejects(client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy: '{"no":' })), {
    name: 'MalformedPolicy',
  })
  await client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy: policy }))
  assert.equal((await client.send(new s3.GetBucketPolicyCommand({ Bucket }))).Policy, policy)
  await client.send(new s3.DeleteBucketPolicyCommand({ Bucket }))
  await assert.rejects(client.send(new s3.GetBucketPolicyCommand({ Bucket })), { name: 'NoSuchBucketPolicy' })
})

test('settings outlive a restart', async () => {
  await using outer = await startRunningServer()
  await outer.client.send(new s3.CreateBucketCommand({ Bucket }))
  await outer.client.send(new s3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  const Policy = JSON.stringify({
    Statement: { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` },
  })
  await outer.client.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }))
  await outer.server.close()
  await using inner = await startRunningServer({ dataDir: outer.dataDir })
  assert.equal((await inner.client.send(new s3.GetBucketPolicyCommand({ Bucket }))).Policy, Policy)
  assert.equal((await sendUnsigned(inner.server.url, 'GET', `/${Bucket}/k`)).text, 'x')
})

test('object tags are set, read and removed', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', Tagging: 'a=1' }))
  assert.deepEqual((await client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'k' }))).TagSet, [
    { Key: 'a', Value: '1' },
  ])
  const TagSet = [{ Key: 'b', Value: '' }]
  await client.send(new s3.PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet } }))
  assert.deepEqual((await client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'k' }))).TagSet, TagSet)
  await client.send(new s3.DeleteObjectTaggingCommand({ Bucket, Key: 'k' }))
  assert.deepEqual((await client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'k' }))).TagSet, [])
  await assert.rejects(client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'none' })), { name: 'NoSuchKey' })
})

test('a new bucket is BucketOwnerEnforced, and has the tags that it was made with', async (t) => {
  await using running = await startRunningServer()
  const { client } = running
  const { url } = running.server
  const Tags = [{ Key: 'team', Value: 'a & b' }]
  await client.send(new s3.CreateBucketCommand({ Bucket, CreateBucketConfiguration: { Tags } }))
  assert.deepEqual((await client.send(new s3.GetBucketTaggingCommand({ Bucket }))).TagSet, Tags)
  const { OwnershipControls } = await client.send(new s3.GetBucketOwnershipControlsCommand({ Bucket }))
  assert.deepEqual(OwnershipControls?.Rules, [{ ObjectOwnership: 'BucketOwnerEnforced' }])
  const repeated = [Tags[0], Tags[0]] as s3.Tag[]
  const wrong: [name: string, input: Partial<s3.CreateBucketCommandInput>, code: string][] = [
    ['a list that opens it', { ACL: 'public-read' }, 'InvalidBucketAclWithObjectOwnership'],
    ['a grant', { GrantRead: 'id=someone' }, 'InvalidBucketAclWithObjectOwnership'],
    ['objects of their writers', { ObjectOwnership: 'ObjectWriter' }, 'NotImplemented'],
    ['an ownership that is none', { ObjectOwnership: 'Nobody' as s3.ObjectOwnership }, 'InvalidArgument'],
    ['a tag twice', { CreateBucketConfiguration: { Tags: repeated } }, 'InvalidTag'],
  ]
  for (const [name, input, code] of wrong) {
    await t.test(name, async () => {
      const made = client.send(new s3.CreateBucketCommand({ Bucket: 'another', ...input }))
      await assert.rejects(made, { name: code })
      assert.equal((await send(url, { method: 'HEAD', path: '/another' })).status, 404)
    })
  }
})

test('whoever expects a bucket of another account is refused, and copies ask for both', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  const [ExpectedBucketOwner, other] = ['000000000000', '000000000001']
  const object = { Bucket, Key: 'k', ExpectedBucketOwner }
  await client.send(new s3.PutObjectCommand({ ...object, Body: 'x' }))
  await client.send(new s3.HeadBucketCommand({ Bucket, ExpectedBucketOwner }))
  const copy = { ...object, CopySource: `${Bucket}/k`, MetadataDirective: 'REPLACE' as const }
  await client.send(new s3.CopyObjectCommand({ ...copy, ExpectedSourceBucketOwner: ExpectedBucketOwner }))
  const refused = { name: 'AccessDenied' }
  await assert.rejects(
    client.send(new s3.PutObjectCommand({ ...object, Body: 'y', ExpectedBucketOwner: other })),
    refused,
  )
  await assert.rejects(client.send(new s3.CopyObjectCommand({ ...copy, ExpectedSourceBucketOwner: other })), refused)
  await assert.rejects(client.send(new s3.GetObjectCommand({ ...object, ExpectedBucketOwner: other })), refused)
})

test('lists say what always holds, that the owner may do everything, and can not be changed', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await client.send(new s3.PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
  const { Owner, Grants } = await client.send(new s3.GetBucketAclCommand({ Bucket }))
  assert.ok(Owner?.ID)
  assert.deepEqual(Grants, [{ Grantee: { ID: Owner.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' }])
  const ofObject = await client.send(new s3.GetObjectAclCommand({ Bucket, Key: 'k' }))
  assert.deepEqual([ofObject.Owner, ofObject.Grants], [Owner, Grants])
  await assert.rejects(client.send(new s3.GetObjectAclCommand({ Bucket, Key: 'none' })), { name: 'NoSuchKey' })
  const refused = { name: 'AccessControlListNotSupported' }
  await assert.rejects(client.send(new s3.PutBucketAclCommand({ Bucket, ACL: 'public-read' })), refused)
  const put = (given: s3.Grant[]): Promise<unknown> =>
    client.send(new s3.PutObjectAclCommand({ Bucket, Key: 'k', AccessControlPolicy: { Owner, Grants: given } }))
  const [all] = Grants as [s3.Grant]
  await assert.rejects(put([all, { ...all, Grantee: { Type: 'CanonicalUser', ID: 'another' } }]), refused)
  await assert.rejects(put([{ ...all, Permission: 'READ' }]), refused)
  await assert.rejects(put([]), refused)
  // What changes nothing is taken, since tools put back what they read.
  await put([all])
  await client.send(new s3.PutBucketAclCommand({ Bucket, ACL: 'private' }))
  const { url } = running.server
  const anonymous = [`/${Bucket}?acl`, `/${Bucket}/k?acl`].map((target) => sendUnsigned(url, 'GET', target))
  for (const { code } of await Promise.all(anonymous)) assert.equal(code, 'AccessDenied')
})

test('what is not there answers NotImplemented and changes nothing', async (t) => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/settings' })
  await send(url, { method: 'PUT', path: '/settings/k', body: 'untouched' })
  const writes = ['PUT', 'POST', 'DELETE']
  const all = ['GET', ...writes]
  const unset = [
    'accelerate',
    'analytics',
    'intelligent-tiering',
    'inventory',
    'logging',
    'metrics',
    'replication',
    'requestPayment',
    'website',
  ]
  const cases: readonly (readonly [path: string, names: readonly string[], methods: readonly string[]])[] = [
    // They can be read, as what nobody has put.
    ['/settings', unset, writes],
    ['/settings', ['metadataTable', 'session'], all],
    ['/settings', ['made-up'], writes],
    ['/settings/k', ['select', 'torrent', 'renameObject'], all],
    ['/settings/k', ['append', 'made-up'], writes],
  ]
  for (const [path, names, methods] of cases) {
    for (const name of names) {
      await t.test(`${path}?${name}`, async () => {
        for (const method of methods) {
          const got = await send(url, { method, path, query: [[name, '']], body: method === 'GET' ? '' : '<x/>' })
          assert.equal(got.code, 'NotImplemented', method)
          assert.equal(got.status, 501)
        }
      })
    }
  }
  assert.equal((await send(url, { path: '/settings/k' })).text, 'untouched')
  assert.equal((await send(url, { method: 'PATCH', path: '/settings/k', body: 'x' })).code, 'MethodNotAllowed')
  assert.equal((await send(url, { method: 'POST', path: '/settings/k', body: 'x' })).code, 'MethodNotAllowed')
  assert.equal(
    (
      await send(url, {
        path: '/settings/k',
        query: [
          ['versionId', 'null'],
          ['x-note', '1'],
        ],
      })
    ).status,
    200,
  )
})

test('malformed documents are refused as MalformedXML', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/settings' })
  const bodies = [
    '<VersioningConfiguration><Status>Enabled</VersioningConfiguration>',
    '<Other><Status>Enabled</Status></Other>',
    'no xml',
    '<!DOCTYPE x [<!ENTITY e "Enabled">]><VersioningConfiguration><Status>&e;</Status></VersioningConfiguration>',
    '<a>'.repeat(5000),
    `<VersioningConfiguration>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</VersioningConfiguration>`,
    '\ufeff\u0000',
  ]
  for (const body of bodies) {
    const got = await send(url, { method: 'PUT', path: '/settings', query: [['versioning', '']], body })
    assert.equal(got.code, 'MalformedXML', body.slice(0, 40))
  }
  const empty = await send(url, { method: 'PUT', path: '/settings', query: [['versioning', '']] })
  assert.equal(empty.code, 'MissingRequestBodyError')
})

test('many objects are deleted at once, each with its own outcome', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  const keys = ['a', 'b/../c', ' d ', 'e\r\n&<>', 'nul\0 and \u000e']
  for (const Key of keys) await client.send(new s3.PutObjectCommand({ Bucket, Key, Body: Key }))
  const Objects = [...keys, 'never there'].map((Key) => ({ Key }))
  const done = await client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
  assert.deepEqual(
    done.Deleted?.map(({ Key }) => Key),
    [...keys, 'never there'],
  )
  assert.equal((await client.send(new s3.ListObjectsV2Command({ Bucket }))).KeyCount, 0)
  const quiet = await client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }))
  assert.equal(quiet.Deleted, undefined)
  const many = Array.from({ length: 1001 }, (_, at) => ({ Key: `k${at}` }))
  await assert.rejects(client.send(new s3.DeleteObjectsCommand({ Bucket, Delete: { Objects: many } })), {
    name: 'MalformedXML',
  })
})

test('copies take or replace what their source carries, and outlive it', async () => {
  await using running = await startRunningServer()
  const { client } = running
  await client.send(new s3.CreateBucketCommand({ Bucket }))
  await client.send(
    new s3.PutObjectCommand({
      Bucket,
      Key: 'a+b é',
      Body: 'bytes',
      ContentType: 'text/x',
      Metadata: { m: '1' },
      Tagging: 't=1',
    }),
  )
  const CopySource = `${Bucket}/${encodeURIComponent('a+b é')}`
  await client.send(new s3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource }))
  await client.send(
    new s3.CopyObjectCommand({
      Bucket,
      Key: 'replaced',
      CopySource,
      MetadataDirective: 'REPLACE',
      ContentType: 'text/y',
      TaggingDirective: 'REPLACE',
      Tagging: 't=2',
    }),
  )
  await client.send(new s3.CopyObjectCommand({ Bucket, Key: 'encrypted', CopySource, ServerSideEncryption: 'AES256' }))
  await client.send(new s3.DeleteObjectCommand({ Bucket, Key: 'a+b é' }))
  for (const [Key, type, metadata, encryption] of [
    ['copy', 'text/x', { m: '1' }, undefined],
    ['replaced', 'text/y', {}, undefined],
    ['encrypted', 'text/x', { m: '1' }, 'AES256'],
  ] as const) {
    const got = await client.send(new s3.GetObjectCommand({ Bucket, Key }))
    assert.equal(await got.Body?.transformToString(), 'bytes')
    assert.equal(got.ContentType, type)
    assert.deepEqual(got.Metadata, metadata)
    assert.equal(got.ServerSideEncryption, encryption)
  }
  assert.deepEqual((await client.send(new s3.GetObjectTaggingCommand({ Bucket, Key: 'replaced' }))).TagSet, [
    { Key: 't', Value: '2' },
  ])
  const refused: [Partial<s3.CopyObjectCommandInput>, string][] = [
    [{ CopySource: `${Bucket}/none` }, 'NoSuchKey'],
    [{ CopySource: 'other-bucket/none' }, 'NoSuchBucket'],
    [{ CopySource: 'nonsense' }, 'InvalidArgument'],
    [{ CopySource: `${Bucket}/copy`, Key: 'copy' }, 'InvalidRequest'],
    [{ CopySource: `${Bucket}/copy`, CopySourceIfMatch: '"other"' }, 'PreconditionFailed'],
    [{ CopySource: `${Bucket}/copy`, CopySourceIfNoneMatch: '*' }, 'PreconditionFailed'],
  ]
  for (const [input, name] of refused) {
    await assert.rejects(client.send(new s3.CopyObjectCommand({ Bucket, Key: 'x', CopySource: '', ...input })), {
      name,
    })
  }
  await client.send(
    new s3.CopyObjectCommand({ Bucket, Key: 'copy', CopySource: `${Bucket}/copy`, MetadataDirective: 'REPLACE' }),
  )
  const self = await client.send(new s3.GetObjectCommand({ Bucket, Key: 'copy' }))
  assert.equal(await self.Body?.transformToString(), 'bytes')
})
