import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import type { ScrubFinding } from '../src/scrub.ts'
import { send, sendUnsigned } from './raw-request.ts'
import type { RawAnswer } from './raw-request.ts'
import { CREDENTIALS, startRunningServer } from './running-server.ts'
import { callSts, policyText, ROLE } from './sts-request.ts'

// What differs from S3 in small things, each found by a tool or a page that relied on it.

const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex')

test('reads pass over names in the query that are none of S3; a signed URL with one added is refused', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/web' })
  await send(url, { method: 'PUT', path: '/web/o', body: 'x' })
  const Statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::web/*' }
  const put = await send(url, { method: 'PUT', path: '/web', query: [['policy', '']], body: policyText(Statement) })
  assert.equal(put.status, 204, put.text)
  for (const query of ['v=1', 'fbclid=a', 'utm_source=b&utm_medium=c', 'v']) {
    assert.equal((await sendUnsigned(url, 'GET', `/web/o?${query}`)).text, 'x', query)
    assert.equal((await sendUnsigned(url, 'HEAD', `/web/o?${query}`)).status, 200, query)
    assert.equal((await sendUnsigned(url, 'PUT', `/web/o?${query}`)).status, 501, query)
  }
  assert.equal((await send(url, { path: '/web', query: [['v', '1']] })).status, 200)
  // What names a part of S3 that is not there must not give the object instead.
  for (const name of ['torrent', 'renameObject', 'select']) {
    assert.equal((await sendUnsigned(url, 'GET', `/web/o?${name}`)).status, 501, name)
  }
  const presigner = createPresigner({
    endpoint: url,
    region: 'us-east-1',
    credentials: CREDENTIALS,
    addressing: 'path',
  })
  const signed = presigner.presign({ method: 'GET', bucket: 'web', key: 'o', expiresIn: 60, now: Date.now() }).url
  const { pathname, search } = new URL(signed)
  assert.equal((await sendUnsigned(url, 'GET', pathname + search)).text, 'x')
  assert.equal((await sendUnsigned(url, 'GET', `${pathname}${search}&fbclid=a`)).code, 'SignatureDoesNotMatch')
})

test('settings that nobody can put are read as those that nobody has put', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/bare' })
  const ask = (...query: (readonly [string, string])[]): Promise<RawAnswer> => send(url, { path: '/bare', query })
  for (const [name, root] of [
    ['logging', 'BucketLoggingStatus'],
    ['accelerate', 'AccelerateConfiguration'],
    ['requestPayment', '<Payer>BucketOwner</Payer>'],
    ['analytics', '<IsTruncated>false</IsTruncated>'],
    ['inventory', '<IsTruncated>false</IsTruncated>'],
    ['metrics', '<IsTruncated>false</IsTruncated>'],
    ['intelligent-tiering', '<IsTruncated>false</IsTruncated>'],
  ] as const) {
    const answer = await ask([name, ''])
    assert.equal(answer.status, 200, name)
    assert.match(answer.text, new RegExp(root), name)
    assert.equal((await sendUnsigned(url, 'GET', `/bare?${name}`)).code, 'AccessDenied', name)
    assert.equal((await send(url, { path: '/none', query: [[name, '']] })).code, 'NoSuchBucket', name)
  }
  for (const name of ['analytics', 'inventory', 'metrics', 'intelligent-tiering']) {
    assert.equal((await ask(['id', 'x'], [name, ''])).code, 'NoSuchConfiguration', name)
  }
  assert.equal((await ask(['website', ''])).code, 'NoSuchWebsiteConfiguration')
  assert.equal((await ask(['replication', ''])).code, 'ReplicationConfigurationNotFoundError')
})

test('a copy of an object of many parts is one of no parts: a plain MD5, a checksum of the whole', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/parts' })
  const begun = await send(url, {
    method: 'POST',
    path: '/parts/o',
    query: [['uploads', '']],
    headers: { 'x-amz-checksum-algorithm': 'CRC32C' },
  })
  const uploadId = /<UploadId>([^<]*)</.exec(begun.text)?.[1] ?? ''
  const bodies = [Buffer.alloc(5 * 1024 ** 2, 'a'), Buffer.from('the end')]
  const parts: string[] = []
  for (const [at, body] of bodies.entries()) {
    const query = [
      ['partNumber', String(at + 1)],
      ['uploadId', uploadId],
    ] as const
    const put = await send(url, {
      method: 'PUT',
      path: '/parts/o',
      query,
      body,
      headers: { 'x-amz-sdk-checksum-algorithm': 'CRC32C' },
    })
    const sum = String(put.headers['x-amz-checksum-crc32c'])
    parts.push(
      `<Part><PartNumber>${at + 1}</PartNumber><ETag>${put.headers.etag}</ETag><ChecksumCRC32C>${sum}</ChecksumCRC32C></Part>`,
    )
  }
  const done = await send(url, {
    method: 'POST',
    path: '/parts/o',
    query: [['uploadId', uploadId]],
    body: `<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`,
  })
  assert.match(done.text, /-2/)
  const copied = await send(url, { method: 'PUT', path: '/parts/c', headers: { 'x-amz-copy-source': '/parts/o' } })
  const whole = Buffer.concat(bodies)
  assert.match(copied.text, new RegExp(`<ETag>(&quot;|")${md5(whole)}(&quot;|")</ETag>`))
  const head = await send(url, { method: 'HEAD', path: '/parts/c', headers: { 'x-amz-checksum-mode': 'ENABLED' } })
  assert.equal(head.headers.etag, `"${md5(whole)}"`)
  assert.equal(head.headers['x-amz-checksum-type'], 'FULL_OBJECT')
  assert.doesNotMatch(String(head.headers['x-amz-checksum-crc32c']), /-/)
  assert.ok(whole.equals((await send(url, { path: '/parts/c' })).body))
})

test('a trailer that is no checksum of S3 is refused before its bytes are taken', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/trailer' })
  const answer = await send(url, {
    method: 'PUT',
    path: '/trailer/o',
    payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
    headers: {
      'x-amz-trailer': 'x-amz-checksum-crc33',
      'x-amz-decoded-content-length': '1',
      'content-encoding': 'aws-chunked',
    },
    body: '1\r\nx\r\n0\r\nx-amz-checksum-crc33:AAAA\r\n\r\n',
  })
  assert.equal(`${answer.status} ${answer.code}`, '400 InvalidRequest')
  assert.match(answer.text, /x-amz-checksum-crc33/)
  assert.equal((await send(url, { path: '/trailer/o' })).code, 'NoSuchKey')
})

test('a copy that is not made names the condition that did not hold', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/cond' })
  const { headers } = await send(url, { method: 'PUT', path: '/cond/o', body: 'x' })
  for (const [condition, value] of [
    ['If-Modified-Since', new Date(Date.now() + 60_000).toUTCString()],
    ['If-Unmodified-Since', new Date(0).toUTCString()],
    ['If-Match', '"other"'],
    ['If-None-Match', String(headers.etag)],
  ] as const) {
    const name = `x-amz-copy-source-${condition}`
    const asked = { 'x-amz-copy-source': '/cond/o', [name.toLowerCase()]: value }
    const answer = await send(url, { method: 'PUT', path: '/cond/c', headers: asked })
    assert.equal(answer.status, 412, condition)
    assert.match(answer.text, new RegExp(`<Condition>${name}</Condition>`))
  }
})

test('STS takes a POST whose parameters are in the query, in the body, or in both', async () => {
  await using running = await startRunningServer()
  const { url } = running.server
  const post = (query: readonly (readonly [string, string])[], body = ''): Promise<RawAnswer> =>
    send(url, { method: 'POST', path: '/', service: 'sts', query, body })
  const action = ['Action', 'GetCallerIdentity'] as const
  const version = ['Version', '2011-06-15'] as const
  for (const [query, body] of [
    [[action, version], ''],
    [[action], 'Version=2011-06-15'],
    [[version], 'Action=GetCallerIdentity'],
  ] as const) {
    const answer = await post(query, body)
    assert.equal(answer.status, 200, answer.text)
    assert.match(answer.text, /<Account>/)
  }
  assert.equal((await post([action, version], 'Action=AssumeRole')).code, 'ValidationError')
  assert.equal((await sendUnsigned(url, 'POST', '/?Action=GetCallerIdentity&Version=2011-06-15')).status, 403)
})

test('refusals say what to set', async () => {
  await using running = await startRunningServer({ region: 'eu-central-1' })
  const { url } = running.server
  const wrong = await send(url, { path: '/', region: 'us-east-1' })
  assert.equal(wrong.code, 'AuthorizationHeaderMalformed')
  assert.match(wrong.text, /expecting (&apos;|')eu-central-1(&apos;|')[^<]*Set this region/)
  assert.match(wrong.text, /<Region>eu-central-1</)
  const old = await sendUnsigned(url, 'GET', '/b/k?AWSAccessKeyId=a&Signature=b&Expires=1')
  assert.equal(old.code, 'InvalidRequest')
  assert.match(old.text, /signature_version/)
  assert.match(old.text, /aws configure set default\.s3\.signature_version s3v4/)
})

test('AssumeRole without a role says that RoleArn is missing', async () => {
  await using running = await startRunningServer()
  const missing = await callSts(running.server.url, 'AssumeRole', { parameters: { RoleSessionName: 'session' } })
  assert.equal(missing.code, 'ValidationError')
  assert.match(missing.text, /RoleArn is missing/)
  const made = { RoleArn: ROLE, RoleSessionName: 'session' }
  assert.equal((await callSts(running.server.url, 'AssumeRole', { parameters: made })).status, 200)
})

test('damage that a request comes upon is told once, and counted', async () => {
  const findings: ScrubFinding[] = []
  await using running = await startRunningServer({ scrubRate: 0, onDamage: (finding) => findings.push(finding) })
  const { url } = running.server
  await send(url, { method: 'PUT', path: '/rot' })
  await send(url, { method: 'PUT', path: '/rot/o', body: Buffer.alloc(2_000_000, 'x') })
  const blobs = join(running.dataDir, 'blobs')
  const [file] = (await readdir(blobs, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
  const path = join(file?.parentPath ?? '', file?.name ?? '')
  const bytes = await readFile(path)
  bytes[1_900_000] = 0
  await writeFile(path, bytes)
  // The head and most of the bytes are out before the damage is come upon.
  await assert.rejects(send(url, { path: '/rot/o' }))
  await assert.rejects(send(url, { path: '/rot/o' }))
  for (let tries = 0; running.server.status().scrub.damaged === 0; tries++) {
    assert.ok(tries < 500)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.deepEqual(
    findings.map(({ damage, users }) => [damage, users[0]?.key]),
    [['changed', 'o']],
  )
})
