import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { test } from 'node:test'
import { ALGORITHM, canonicalHeaders, canonicalRequest, EMPTY_SHA256, signText, stringToSign } from './canonical.ts'
import { ChunkedDecoder } from './chunked.ts'
import { ChunkedEncoder } from './chunked-encoder.ts'
import { encodeKey } from './encode.ts'
import { checkPostPolicy, parsePostPolicy } from './post-policy.ts'
import { createPresigner } from './presign.ts'
import { canonicalQuery, type QueryParameter } from './query.ts'
import { signRequest } from './sign.ts'
import { deriveSigningKey } from './signing-key.ts'
import { verifyPostForm } from './verify-post.ts'
import { verifyRequest } from './verify.ts'

// Every expected value here is AWS's own, from the pages named beside it; none was computed by this code.

const credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const now = Date.UTC(2013, 4, 24)
const lookup = (id: string) => (id === credentials.accessKeyId ? credentials : undefined)
const options = { lookup, region: 'us-east-1', service: 's3', now }

interface HeaderExample {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly query?: readonly QueryParameter[]
  readonly headers?: Record<string, string>
  readonly payloadHash?: string
  readonly signature: string
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const headerExamples: readonly HeaderExample[] = [
  {
    name: 'GET object with a range',
    method: 'GET',
    path: '/test.txt',
    headers: { Range: 'bytes=0-9' },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT object',
    method: 'PUT',
    path: `/${encodeKey('test$file.text')}`,
    headers: { Date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    payloadHash: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET bucket lifecycle',
    method: 'GET',
    path: '/',
    query: [['lifecycle', '']],
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'GET bucket (list objects)',
    method: 'GET',
    path: '/',
    query: [
      ['prefix', 'J'],
      ['max-keys', '2'],
    ],
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
]

for (const { name, signature, payloadHash = EMPTY_SHA256, ...example } of headerExamples) {
  test(`AWS's header example: ${name}`, () => {
    const host = 'examplebucket.s3.amazonaws.com'
    const signed = signRequest({ ...options, ...example, host, payloadHash, credentials })
    assert.equal(signed.seed.signature, signature)

    const headers = Object.fromEntries(
      Object.entries({ ...signed.headers, host }).map(([key, value]) => [key.toLowerCase(), [value]]),
    )
    const rawQuery = canonicalQuery(example.query ?? [])
    const verdict = verifyRequest({ method: example.method, rawPath: example.path, rawQuery, headers }, options)
    assert.equal(verdict.outcome, 'verified')
  })
}

test("AWS's presigned URL example", () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  const presigner = createPresigner({
    endpoint: 'https://s3.amazonaws.com',
    region: 'us-east-1',
    credentials,
    addressing: 'virtual',
  })
  const { url, expiresAt } = presigner.presign({
    method: 'GET',
    bucket: 'examplebucket',
    key: 'test.txt',
    expiresIn: 86_400,
    now,
  })
  assert.equal(
    url,
    'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  )
  assert.equal(expiresAt, now + 86_400_000)
})

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-post-example.html (its lines end in CR LF)
const policyText = `{ "expiration": "2015-12-30T12:00:00.000Z",
  "conditions": [
    {"bucket": "sigv4examplebucket"},
    ["starts-with", "$key", "user/user1/"],
    {"acl": "public-read"},
    {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
    ["starts-with", "$Content-Type", "image/"],
    {"x-amz-meta-uuid": "14365123651274"},
    {"x-amz-server-side-encryption": "AES256"},
    ["starts-with", "$x-amz-meta-tag", ""],

    {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
    {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
    {"x-amz-date": "20151229T000000Z" }
  ]
}`.replaceAll('\n', '\r\n')

test("AWS's POST policy example", () => {
  const form = new Map([
    ['key', 'user/user1/cat.jpg'],
    ['acl', 'public-read'],
    ['success_action_redirect', 'http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html'],
    ['content-type', 'image/jpeg'],
    ['x-amz-meta-uuid', '14365123651274'],
    ['x-amz-server-side-encryption', 'AES256'],
    ['x-amz-credential', 'AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request'],
    ['x-amz-algorithm', ALGORITHM],
    ['x-amz-date', '20151229T000000Z'],
    ['x-amz-meta-tag', ''],
    ['policy', Buffer.from(policyText).toString('base64')],
    ['x-amz-signature', '8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e'],
  ])
  const at = Date.UTC(2015, 11, 29, 1)
  const verdict = verifyPostForm(form, { ...options, now: at })
  assert.equal(verdict.outcome, 'verified')
  const parsed = parsePostPolicy(form.get('policy') ?? '')
  assert.equal(parsed.outcome, 'parsed')
  assert.deepEqual(
    checkPostPolicy({ form, bucket: 'sigv4examplebucket', contentLength: 5, policy: parsed.policy, now: at }),
    { outcome: 'allowed' },
  )
})

const chunkedExamples = [
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
    mode: 'chunked-signed',
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    headers: { 'Content-Encoding': 'aws-chunked', 'Content-Length': '66824' },
    trailers: new Map<string, string>(),
    length: 66_824,
    seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
    chunks: [
      'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
      '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
      'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
    ],
  },
  {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
    mode: 'chunked-signed-trailer',
    payloadHash: 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER',
    headers: { 'Content-Encoding': 'aws-chunked', 'x-amz-trailer': 'x-amz-checksum-crc32c' },
    trailers: new Map([['x-amz-checksum-crc32c', 'sOO8/Q==']]),
    length: undefined,
    seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
    chunks: [
      'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
      '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
      '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
      'd81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435',
    ],
  },
] as const

for (const example of chunkedExamples) {
  test(`AWS's example of a ${example.mode} upload`, () => {
    const { seed } = signRequest({
      ...options,
      method: 'PUT',
      host: 's3.amazonaws.com',
      path: '/examplebucket/chunkObject.txt',
      headers: {
        ...example.headers,
        'x-amz-decoded-content-length': '66560',
        'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      },
      payloadHash: example.payloadHash,
      credentials,
    })
    assert.equal(seed.signature, example.seed)

    const encoder = new ChunkedEncoder({ mode: example.mode, seed })
    const data = Buffer.alloc(66_560, 'a')
    const body = Buffer.concat([
      encoder.encode(data.subarray(0, 65_536)),
      encoder.encode(data.subarray(65_536)),
      encoder.end(example.trailers),
    ])
    const signatures = [...body.toString('latin1').matchAll(/signature[=:]([0-9a-f]{64})/g)].map((match) => match[1])
    assert.deepEqual(signatures, example.chunks)
    if (example.length !== undefined) assert.equal(body.length, example.length)

    const decoder = new ChunkedDecoder({
      ...example,
      seed,
      decodedLength: 66_560,
      trailers: [...example.trailers.keys()],
    })
    assert.ok(Buffer.concat(decoder.push(body)).equals(data))
    assert.deepEqual(decoder.end().trailers, example.trailers)
  })
}

// AWS's signature test suite of 2015. It is for a service that normalises paths and encodes them twice, so the cases on
// that are left out.
const UNRESERVED = '-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const TOKEN =
  'AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=='
interface SuiteCase {
  readonly name: string
  readonly method?: string
  readonly path?: string
  readonly query?: readonly QueryParameter[]
  readonly headers?: Record<string, string>
  readonly body?: string
  readonly signature: string
}
const suite: readonly SuiteCase[] = [
  {
    name: 'get-header-key-duplicate',
    headers: { 'My-Header1': 'value2,value2,value1' },
    signature: 'c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea',
  },
  {
    name: 'get-header-value-order',
    headers: { 'My-Header1': 'value4,value1,value3,value2' },
    signature: '08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01',
  },
  {
    name: 'get-header-value-trim',
    headers: { 'My-Header1': ' value1', 'My-Header2': ' "a   b   c"' },
    signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
  },
  {
    name: 'get-unreserved',
    path: `/${UNRESERVED}`,
    signature: '07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f',
  },
  { name: 'get-utf8', path: '/\u1234', signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85' },
  {
    name: 'get-space',
    path: '/example space/',
    signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
  },
  { name: 'get-vanilla', signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31' },
  {
    name: 'get-vanilla-empty-query-key',
    query: [['Param1', 'value1']],
    signature: 'a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb',
  },
  {
    name: 'get-vanilla-query-order-key-case',
    query: [
      ['Param2', 'value2'],
      ['Param1', 'value1'],
    ],
    signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  },
  {
    name: 'get-vanilla-query-unreserved',
    query: [[UNRESERVED, UNRESERVED]],
    signature: '9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197',
  },
  {
    name: 'get-vanilla-utf8-query',
    query: [['\u1234', 'bar']],
    signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
  },
  {
    name: 'post-header-key-sort',
    method: 'POST',
    headers: { 'My-Header1': 'value1' },
    signature: 'c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c',
  },
  {
    name: 'post-header-value-case',
    method: 'POST',
    headers: { 'My-Header1': 'VALUE1' },
    signature: 'cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d',
  },
  {
    name: 'post-sts-header-before',
    method: 'POST',
    headers: { 'X-Amz-Security-Token': TOKEN },
    signature: '85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead',
  },
  {
    name: 'post-vanilla',
    method: 'POST',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'post-vanilla-query',
    method: 'POST',
    query: [['Param1', 'value1']],
    signature: '28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11',
  },
  {
    name: 'post-vanilla-query-nonunreserved',
    method: 'POST',
    query: [
      ['@#$%^', ''],
      ['+', '/,?><`";:\\|][{}'],
    ],
    signature: '66c82657c86e26fb25238d0e69f011edc4c6df5ae71119d7cb98ed9b87393c1e',
  },
  {
    name: 'post-x-www-form-urlencoded',
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: 'Param1=value1',
    signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  },
  {
    name: 'post-x-www-form-urlencoded-parameters',
    method: 'POST',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf8' },
    body: 'Param1=value1',
    signature: '1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe',
  },
]

for (const { name, method = 'GET', path = '/', query = [], headers = {}, body = '', signature } of suite) {
  test(`AWS's test suite: ${name}`, () => {
    const amzDate = '20150830T123600Z'
    const request = canonicalRequest({
      method,
      path: encodeKey(path),
      query: canonicalQuery(query),
      headers: canonicalHeaders({ ...headers, Host: 'example.amazonaws.com', 'X-Amz-Date': amzDate }),
      payloadHash: hash('sha256', body, 'hex'),
    })
    const key = deriveSigningKey('wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', '20150830', 'us-east-1', 'service')
    const text = stringToSign(amzDate, '20150830/us-east-1/service/aws4_request', request)
    assert.equal(signText(key, text), signature)
  })
}
