import assert from 'node:assert/strict'
import { test } from 'node:test'
import { presignedUrl, signedHeaders } from './sigv4.ts'

// The worked examples of the two pages of the documentation.
const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' }
const example = {
  method: 'GET',
  origin: 'https://examplebucket.s3.amazonaws.com',
  keys,
  region: 'us-east-1',
  at: new Date('2013-05-24T00:00:00Z'),
}
const signatureOf = (headers: Record<string, string>): string | undefined =>
  headers.authorization?.split('Signature=')[1]

const HEADER_EXAMPLES = [
  {
    name: 'GET object with a range',
    request: { ...example, path: '/test.txt', headers: { Range: 'bytes=0-9' } },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    name: 'PUT object',
    request: {
      ...example,
      method: 'PUT',
      path: '/test%24file.text',
      headers: { Date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    },
    body: 'Welcome to Amazon S3.',
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET bucket lifecycle',
    request: { ...example, path: '/', query: { lifecycle: '' } },
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
  {
    name: 'list objects',
    request: { ...example, path: '/', query: { prefix: 'J', 'max-keys': '2' } },
    signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
  },
]

for (const { name, request, body, signature } of HEADER_EXAMPLES) {
  test(`the signer of these specs gives the signature of the documentation for: ${name}`, () => {
    assert.equal(signatureOf(signedHeaders(request, body)), signature)
  })
}

test('the signer of these specs gives the presigned URL of the documentation', () => {
  const url = presignedUrl({ ...example, path: '/test.txt' }, 86_400)
  assert.match(url, /X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404$/)
})
