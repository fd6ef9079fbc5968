import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import fc from 'fast-check'
import { ChunkedDecoder } from '@skycrate/core/sigv4/chunked'
import type { Credentials } from '@skycrate/core/sigv4/credentials'
import { decodePath } from '@skycrate/core/sigv4/decode'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import { canonicalQuery, parseQuery } from '@skycrate/core/sigv4/query'
import { SigningKeyCache } from '@skycrate/core/sigv4/signing-key'
import { verifyRequest, type Verdict, type WireRequest } from '@skycrate/core/sigv4/verify'

const REGION = 'eu-central-1'
const plain: Credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const temporary: Credentials = {
  accessKeyId: 'ASIAEXAMPLE',
  secretAccessKey: 'a+b/c=',
  sessionToken: 'FwoGZX//+/=e30 &?%',
}
const keys = new SigningKeyCache()

const fragments = [
  '..',
  '.',
  'a/../b',
  'a\\b',
  '%2B',
  '%2e%2e',
  '%',
  '+',
  ' ',
  '//',
  '/',
  '?',
  '#',
  '*',
  "'",
  '(',
  ')',
  '!',
  '&',
  '=',
  ';',
  ':',
  '@',
  '$',
  ',',
  '"',
  '<',
  '>',
  '[',
  ']',
  '{',
  '}',
  '|',
  '^',
  '`',
  '~',
  '\t',
  '\n',
  '\0',
  '\x7f',
  '\u0085',
  '\u00a0',
  '\u2028',
  'e\u0301',
  '\u00e9',
  '日本語',
  '😀',
  '👩‍👩‍👧',
  'İ',
  'ß',
  'photo.jpg',
  'folder-b',
  '-',
  '_',
]
const hostileKey = fc
  .oneof(
    {
      weight: 6,
      arbitrary: fc.array(fc.constantFrom(...fragments), { minLength: 1, maxLength: 8 }).map((all) => all.join('')),
    },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(...['a', '%', '/', ' '].map((char) => char.repeat(1024)), '😀'.repeat(256)),
    },
  )
  .filter((key) => key.isWellFormed())
const addressing = fc.constantFrom('path' as const, 'virtual' as const)
const bucket = fc.constantFrom('bucket', 'skycrate-0-1', 'with.dots.in')
const text = fc.oneof(hostileKey, fc.constant('attachment; filename="a b.txt"'))

function clientFor(credentials: Credentials, style: 'path' | 'virtual', endpoint: string): S3Client {
  return new S3Client({
    region: REGION,
    endpoint,
    credentials,
    forcePathStyle: style === 'path',
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  })
}

const clients = new Map<string, S3Client>()
function clientOf(credentials: Credentials, style: 'path' | 'virtual'): S3Client {
  const id = `${credentials.accessKeyId} ${style}`
  const client = clients.get(id) ?? clientFor(credentials, style, 'https://s3.example.com:8443')
  clients.set(id, client)
  return client
}

type Presignable = GetObjectCommand | PutObjectCommand | HeadObjectCommand | DeleteObjectCommand | UploadPartCommand

interface Scenario {
  readonly method: string
  readonly command: (place: { Bucket: string; Key: string }) => Presignable
  readonly headers: Record<string, string>
}

const scenario: fc.Arbitrary<Scenario> = fc.oneof(
  fc.record({ ResponseContentDisposition: text, VersionId: text }, { requiredKeys: [] }).map((extra) => ({
    method: 'GET',
    command: (place: { Bucket: string; Key: string }) => new GetObjectCommand({ ...place, ...extra }),
    headers: {},
  })),
  fc.constant({ method: 'HEAD', command: (place) => new HeadObjectCommand(place), headers: {} } satisfies Scenario),
  fc.constant({ method: 'DELETE', command: (place) => new DeleteObjectCommand(place), headers: {} } satisfies Scenario),
  fc.record({ UploadId: text, PartNumber: fc.integer({ min: 1, max: 10_000 }) }).map((part) => ({
    method: 'PUT',
    command: (place: { Bucket: string; Key: string }) => new UploadPartCommand({ ...place, ...part }),
    headers: {},
  })),
  fc.constantFrom('image/png', 'text/plain;  charset=utf-8 ', 'a/b').map((ContentType) => ({
    method: 'PUT',
    command: (place: { Bucket: string; Key: string }) =>
      new PutObjectCommand({ ...place, ContentType, IfNoneMatch: '*', ContentLength: 12, Metadata: { of: 'me' } }),
    headers: { 'Content-Type': ContentType, 'If-None-Match': '*', 'Content-Length': '12' },
  })),
)

const presignCase = fc.record({
  key: hostileKey,
  bucket,
  style: addressing,
  credentials: fc.constantFrom(plain, temporary),
  expiresIn: fc.integer({ min: 1, max: 604_800 }),
  now: fc.integer({ min: 0, max: 4_102_444_800_000 }),
  scenario,
})
type PresignCase = typeof presignCase extends fc.Arbitrary<infer T> ? T : never

async function presignWithSdk(given: PresignCase): Promise<string> {
  const command = given.scenario.command({ Bucket: given.bucket, Key: given.key })
  // The SDK's signature of this function is generic over one command at a time.
  return getSignedUrl(clientOf(given.credentials, given.style), command as GetObjectCommand, {
    expiresIn: given.expiresIn,
    signingDate: new Date(given.now),
    signableHeaders: new Set(['host', ...Object.keys(given.scenario.headers).map((name) => name.toLowerCase())]),
  })
}

const SET_BY_SIGNING = /^X-Amz-(?:Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders)$/

function splitUrl(url: string): { origin: string; host: string; rawPath: string; rawQuery: string } {
  const [, origin = '', host = '', rawPath = '', rawQuery = ''] =
    /^(https?:\/\/([^/]+))(\/[^?]*)\?(.*)$/.exec(url) ?? []
  return { origin, host, rawPath, rawQuery }
}

function wireRequest(
  url: string,
  { method, headers }: { method: string; headers: Record<string, string> },
): WireRequest {
  const { host, rawPath, rawQuery } = splitUrl(url)
  const lower = Object.entries({ ...headers, host }).map(([name, value]) => [name.toLowerCase(), [value]])
  return { method, rawPath, rawQuery, headers: Object.fromEntries(lower) as Record<string, string[]> }
}

function verifyAt(request: WireRequest, now: number): Verdict {
  return verifyRequest(request, {
    lookup: (id) => [plain, temporary].find(({ accessKeyId }) => accessKeyId === id),
    region: REGION,
    service: 's3',
    now,
    keys,
  })
}

test('our presigned URL is the AWS SDK’s for the same input, and our verifier takes it', async () => {
  await fc.assert(
    fc.asyncProperty(presignCase, async (given) => {
      const theirs = await presignWithSdk(given)
      const { origin, rawPath, rawQuery } = splitUrl(theirs)
      const parameters = parseQuery(rawQuery) ?? []
      const presigner = createPresigner({
        endpoint: 'https://s3.example.com:8443',
        region: REGION,
        credentials: given.credentials,
        addressing: given.style,
      })
      const ours = presigner.presign({
        method: given.scenario.method,
        bucket: given.bucket,
        key: given.key,
        expiresIn: given.expiresIn,
        now: given.now,
        headers: given.scenario.headers,
        query: Object.fromEntries(parameters.filter(([name]) => !SET_BY_SIGNING.test(name))),
      })
      const our = splitUrl(ours.url)
      assert.equal(our.origin + our.rawPath, origin + rawPath)
      assert.equal(canonicalQuery(parseQuery(our.rawQuery) ?? []), canonicalQuery(parameters))

      for (const url of [theirs, ours.url]) {
        const verdict = verifyAt(wireRequest(url, given.scenario), given.now)
        assert.equal(verdict.outcome, 'verified')
        const bucketPath = origin.includes(`//${given.bucket}.`) ? '' : `/${given.bucket}`
        assert.equal(verdict.path, `${bucketPath}/${given.key}`)
        assert.equal(verdict.expiresAt, ours.expiresAt)
      }
    }),
    { numRuns: 2000 },
  )
})

/** Whether two requests mean the same: some single characters may change without changing anything (`%2f`, `%2F`). */
function meaning(rawPath: string, rawQuery: string): string {
  return JSON.stringify([
    decodePath(rawPath),
    parseQuery(rawQuery)
      ?.map((pair) => JSON.stringify(pair))
      .sort(),
  ])
}

const REPLACEMENTS = ['', 'a', 'B', '0', '1', '%', '&', '=', '/', '+', '%41', ';', '-']

test('any one-character change of a presigned URL is refused', async () => {
  let tried = 0
  await fc.assert(
    fc.asyncProperty(presignCase, fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), async (given, places) => {
      const request = wireRequest(await presignWithSdk(given), given.scenario)
      const target = `${request.rawPath}?${request.rawQuery}`
      const before = meaning(request.rawPath, request.rawQuery)
      for (const place of places) {
        const at = place % target.length
        const replacement = REPLACEMENTS[place % REPLACEMENTS.length] ?? ''
        const changed = target.slice(0, at) + replacement + target.slice(at + 1)
        const question = changed.indexOf('?')
        const rawPath = question === -1 ? changed : changed.slice(0, question)
        const rawQuery = question === -1 ? '' : changed.slice(question + 1)
        if (meaning(rawPath, rawQuery) === before) continue
        tried++
        const { outcome } = verifyAt({ ...request, rawPath, rawQuery }, given.now)
        if (outcome === 'verified') assert.fail(`accepted ${changed}\n  instead of ${target}`)
      }
      for (const [name, values] of Object.entries(request.headers)) {
        const value = values?.[0] ?? ''
        for (const other of [`${value}x`, value.slice(0, -1), value.replace(/.$/, '\u00ff')]) {
          const headers = { ...request.headers, [name]: [other] }
          if (other.trim() === value.trim()) continue
          assert.notEqual(verifyAt({ ...request, headers }, given.now).outcome, 'verified', `${name}: ${other}`)
        }
      }
      const method = request.method === 'GET' ? 'PUT' : 'GET'
      assert.equal(verifyAt({ ...request, method }, given.now).outcome, 'refused')
    }),
    { numRuns: 250 },
  )
  assert.ok(tried > 10_000, `only ${tried} changes were tried`)
})

interface SdkRequest {
  readonly method: string
  readonly path: string
  readonly query: Record<string, string | string[] | null>
  readonly headers: Record<string, string>
  readonly body?: unknown
}

/** What the SDK would send, as its own client signs it. */
async function capture(
  client: S3Client,
  command: GetObjectCommand | PutObjectCommand | ListObjectsV2Command,
): Promise<SdkRequest> {
  let captured: SdkRequest | undefined
  const handled = new Error('captured')
  client.middlewareStack.add(
    () => (args) => {
      captured = args.request as SdkRequest
      throw handled
    },
    { step: 'finalizeRequest', priority: 'low', name: 'capture', override: true },
  )
  await assert.rejects(client.send(command as GetObjectCommand), handled)
  assert.ok(captured)
  return captured
}

function asWire({ method, path, query, headers }: SdkRequest): WireRequest {
  const pieces = Object.entries(query).flatMap(([name, value]) =>
    [value ?? []].flat().map((one) => `${encodeURIComponent(name)}=${encodeURIComponent(one)}`),
  )
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value]])
  return {
    method,
    rawPath: path,
    rawQuery: pieces.join('&'),
    headers: Object.fromEntries(lower) as Record<string, string[]>,
  }
}

test('requests that the AWS SDK signs by header are verified, and refused once changed', async () => {
  const given = fc.record({
    key: hostileKey,
    bucket,
    style: addressing,
    credentials: fc.constantFrom(plain, temporary),
    prefix: text,
    kind: fc.constantFrom('get' as const, 'put' as const, 'list' as const),
  })
  await fc.assert(
    fc.asyncProperty(given, async ({ key, bucket: Bucket, style, credentials, prefix, kind }) => {
      const command =
        kind === 'get'
          ? new GetObjectCommand({ Bucket, Key: key, Range: 'bytes=0-9' })
          : kind === 'put'
            ? new PutObjectCommand({
                Bucket,
                Key: key,
                Body: 'hello',
                ContentType: 'text/plain',
                Metadata: { a: 'b  c' },
              })
            : new ListObjectsV2Command({ Bucket, Prefix: prefix, Delimiter: '/', StartAfter: key })
      const request = asWire(await capture(clientOf(credentials, style), command))
      const now = Date.now()
      const verdict = verifyAt(request, now)
      assert.equal(verdict.outcome, 'verified', JSON.stringify(verdict))
      assert.equal(verdict.kind, 'header')

      const changes: Partial<WireRequest>[] = [
        { method: 'POST' },
        { rawPath: `${request.rawPath}x` },
        { rawPath: `/x${request.rawPath}` },
        { rawQuery: `${request.rawQuery}&x=` },
        { rawQuery: `${request.rawQuery}x` },
        { headers: { ...request.headers, 'x-amz-acl': ['public-read'] } },
      ]
      for (const name of Object.keys(request.headers)) {
        if (!verdict.signedHeaders.includes(name) && name !== 'authorization') continue
        changes.push({ headers: { ...request.headers, [name]: [`${request.headers[name]?.[0]}x`] } })
        changes.push({ headers: { ...request.headers, [name]: undefined } })
      }
      for (const change of changes) {
        const { outcome } = verifyAt({ ...request, ...change }, now)
        assert.notEqual(outcome, 'verified', JSON.stringify(change))
      }
      assert.equal(verifyAt(request, now + 16 * 60_000).outcome, 'refused')
      assert.equal(verifyAt(request, now - 16 * 60_000).outcome, 'refused')
    }),
    { numRuns: 600 },
  )
})

test('a body that the AWS SDK streams with a trailing checksum is decoded to what was sent', async () => {
  const client = new S3Client({
    region: REGION,
    endpoint: 'https://s3.example.com:8443',
    credentials: plain,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_SUPPORTED',
    // It warns that it can't send a stream twice, when `capture` stops the first time.
    logger: { trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  })
  for (const size of [1, 1000, 65_536, 300_001]) {
    const data = Buffer.alloc(size, 'skycrate ')
    const pieces = Array.from({ length: Math.ceil(size / 50_000) }, (_, i) =>
      data.subarray(i * 50_000, (i + 1) * 50_000),
    )
    const Body = Readable.from(pieces)
    const request = await capture(
      client,
      new PutObjectCommand({ Bucket: 'bucket', Key: 'k', Body, ContentLength: size, ChecksumAlgorithm: 'SHA256' }),
    )
    const verdict = verifyAt(asWire(request), Date.now())
    assert.equal(verdict.outcome, 'verified')
    assert.equal(verdict.payload, 'chunked-unsigned-trailer')
    const decoder = new ChunkedDecoder({
      mode: verdict.payload,
      decodedLength: Number(request.headers['x-amz-decoded-content-length']),
      trailers: [request.headers['x-amz-trailer'] ?? ''],
    })
    const decoded: Buffer[] = []
    for await (const chunk of request.body as AsyncIterable<Uint8Array | string>) {
      decoded.push(...decoder.push(Buffer.from(chunk as Uint8Array)))
    }
    assert.ok(Buffer.concat(decoded).equals(data))
    assert.deepEqual([...decoder.end().trailers.keys()], ['x-amz-checksum-sha256'])
  }
})

test('a URL of S3 Transfer Acceleration is that of the SDK', async () => {
  const place = { bucket: 'team-files', key: 'a b/ü+.txt', expiresIn: 600, now: Date.UTC(2026, 10, 30) }
  const client = new S3Client({ region: REGION, credentials: temporary, useAccelerateEndpoint: true })
  const command = new GetObjectCommand({ Bucket: place.bucket, Key: place.key })
  const expected = new URL(
    await getSignedUrl(client, command, { expiresIn: place.expiresIn, signingDate: new Date(place.now) }),
  )
  const query = Object.fromEntries([...expected.searchParams].filter(([name]) => !SET_BY_SIGNING.test(name)))
  const endpoint = 'https://s3-accelerate.amazonaws.com'
  const presigner = createPresigner({ endpoint, region: REGION, credentials: temporary, addressing: 'virtual' })
  const url = new URL(presigner.presign({ method: 'GET', ...place, query }).url)
  assert.equal(url.host, 'team-files.s3-accelerate.amazonaws.com')
  assert.deepEqual([url.origin, url.pathname], [expected.origin, expected.pathname])
  url.searchParams.sort()
  expected.searchParams.sort()
  assert.deepEqual([...url.searchParams], [...expected.searchParams])
})
