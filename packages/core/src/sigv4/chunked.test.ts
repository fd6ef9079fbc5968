import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { test } from 'node:test'
import {
  ChunkedDecoder,
  ChunkedError,
  type ChunkedDecoderOptions,
  type ChunkedErrorCode,
  type ChunkedMode,
} from './chunked.ts'
import { ChunkedEncoder } from './chunked-encoder.ts'
import type { ChunkSeed } from './chunk-seed.ts'

const seed: ChunkSeed = {
  signature: 'ab'.repeat(32),
  signingKey: createSecretKey(Buffer.alloc(32, 7)),
  scope: '20260101/us-east-1/s3/aws4_request',
  amzDate: '20260101T000000Z',
}
const modes: readonly ChunkedMode[] = ['chunked-signed', 'chunked-signed-trailer', 'chunked-unsigned-trailer']
const data = Buffer.from('0123456789abcdef\r\n0\r\n\r\n;chunk-signature=')
const checksum = new Map([
  ['x-amz-checksum-crc32', 'AAAAAA=='],
  ['x-amz-checksum-a', 'b'],
])

function trailersOf(mode: ChunkedMode): ReadonlyMap<string, string> {
  return mode === 'chunked-signed' ? new Map() : checksum
}

function encoded(mode: ChunkedMode): Buffer {
  const encoder = new ChunkedEncoder({ mode, seed })
  const chunks = [encoder.encode(data.subarray(0, 20)), encoder.encode(data.subarray(20))]
  return Buffer.concat([...chunks, encoder.end(trailersOf(mode))])
}

function optionsFor(mode: ChunkedMode): ChunkedDecoderOptions {
  return { mode, seed, decodedLength: data.length, trailers: [...trailersOf(mode).keys()] }
}

function decode(options: ChunkedDecoderOptions, ...pieces: Buffer[]) {
  const decoder = new ChunkedDecoder(options)
  const body = Buffer.concat(pieces.flatMap((piece) => decoder.push(piece)))
  return { body, ...decoder.end() }
}

const failsWith =
  (...codes: ChunkedErrorCode[]) =>
  (error: unknown) =>
    error instanceof ChunkedError && codes.includes(error.code)

for (const mode of modes) {
  test(`${mode}: the same comes out wherever the body is cut`, () => {
    const body = encoded(mode)
    for (let size = 1; size <= body.length; size++) {
      const pieces: Buffer[] = []
      for (let at = 0; at < body.length; at += size) pieces.push(body.subarray(at, at + size))
      const result = decode(optionsFor(mode), ...pieces)
      assert.ok(result.body.equals(data))
      assert.deepEqual(result.trailers, trailersOf(mode))
    }
  })

  test(`${mode}: a body that ends early is incomplete, wherever it ends`, () => {
    const body = encoded(mode)
    for (let length = 0; length < body.length; length++) {
      assert.throws(() => decode(optionsFor(mode), body.subarray(0, length)), failsWith('IncompleteBody'))
    }
  })

  test(`${mode}: a changed byte never passes unseen`, () => {
    const body = encoded(mode)
    for (let at = 0; at < body.length; at++) {
      const changed = Buffer.from(body)
      changed[at] = (changed[at] ?? 0) ^ 1
      let result: ReturnType<typeof decode>
      try {
        result = decode(optionsFor(mode), changed)
      } catch (error) {
        assert.ok(error instanceof ChunkedError)
        continue
      }
      // Unsigned data and trailers are the checksum's to guard; a signed body must be the same to the letter.
      assert.equal(mode, 'chunked-unsigned-trailer', `byte ${at}`)
      assert.equal(result.body.length, data.length)
    }
  })

  test(`${mode}: a body of another length than announced is refused`, () => {
    const options = optionsFor(mode)
    for (const off of [-1, 1]) {
      const decodedLength = data.length + off
      assert.throws(() => decode({ ...options, decodedLength }, encoded(mode)), failsWith('IncompleteBody'))
    }
  })

  test(`${mode}: nothing may follow the end`, () => {
    assert.throws(() => decode(optionsFor(mode), encoded(mode), Buffer.from('\r')), failsWith('InvalidRequest'))
  })

  test(`${mode}: an empty body is a body`, () => {
    const body = new ChunkedEncoder({ mode, seed }).end(trailersOf(mode))
    assert.equal(decode({ ...optionsFor(mode), decodedLength: 0 }, body).body.length, 0)
  })
}

test('chunks can neither change places nor go missing', () => {
  const encoder = new ChunkedEncoder({ mode: 'chunked-signed', seed })
  const [a, b] = [encoder.encode(Buffer.from('aaaa')), encoder.encode(Buffer.from('bbbb'))]
  const end = encoder.end()
  const options = optionsFor('chunked-signed')
  assert.equal(decode({ ...options, decodedLength: 8 }, a, b, end).body.toString(), 'aaaabbbb')
  assert.throws(() => decode({ ...options, decodedLength: 8 }, b, a, end), failsWith('SignatureDoesNotMatch'))
  assert.throws(() => decode({ ...options, decodedLength: 4 }, a, end), failsWith('SignatureDoesNotMatch'))
})

test('a body signed with another key, seed, scope or time is refused', () => {
  const others: Partial<ChunkSeed>[] = [
    { signingKey: createSecretKey(Buffer.alloc(32, 8)) },
    { signature: 'cd'.repeat(32) },
    { scope: '20260101/us-east-2/s3/aws4_request' },
    { amzDate: '20260101T000001Z' },
  ]
  for (const other of others) {
    const options = { ...optionsFor('chunked-signed'), seed: { ...seed, ...other } }
    assert.throws(() => decode(options, encoded('chunked-signed')), failsWith('SignatureDoesNotMatch'))
  }
})

test('unsigned chunks don’t pass for signed ones, nor signed for unsigned', () => {
  assert.throws(() => decode(optionsFor('chunked-signed-trailer'), encoded('chunked-unsigned-trailer')), ChunkedError)
  assert.throws(() => decode(optionsFor('chunked-unsigned-trailer'), encoded('chunked-signed-trailer')), ChunkedError)
  assert.throws(() => new ChunkedDecoder({ mode: 'chunked-signed', decodedLength: 1 }), TypeError)
  assert.throws(() => new ChunkedEncoder({ mode: 'chunked-signed-trailer' }), TypeError)
})

test('the trailers must be the announced ones', () => {
  for (const mode of ['chunked-signed-trailer', 'chunked-unsigned-trailer'] as const) {
    for (const trailers of [[], ['x-amz-checksum-crc32'], [...checksum.keys(), 'x-amz-checksum-sha1']]) {
      assert.throws(() => decode({ ...optionsFor(mode), trailers }, encoded(mode)), failsWith('MalformedTrailerError'))
    }
  }
})

test('a trailer may end in a line feed of its own before its CR LF', () => {
  const mode = 'chunked-signed-trailer'
  const body = Buffer.from(encoded(mode).toString('latin1').replace('AAAAAA==\r\n', 'AAAAAA==\n\r\n'), 'latin1')
  assert.deepEqual(decode(optionsFor(mode), body).trailers, checksum)
})

const rubbish: readonly (readonly [string, string])[] = [
  ['no size', '\r\n'],
  ['a negative size', '-1\r\n'],
  ['a size with a sign', '+1\r\nx\r\n0\r\n\r\n'],
  ['a size with a prefix', '0x1\r\nx\r\n0\r\n\r\n'],
  ['a size beyond what a PUT may carry', 'ffffffffff\r\n'],
  ['an extension', '1;a=b\r\nx\r\n0\r\n\r\n'],
  ['a bare line feed', `1\nx\n0\n\n${' '.repeat(200)}`],
  ['a chunk longer than it says', '1\r\nxy\r\n0\r\n\r\n'],
  ['an endless header', '0'.repeat(100_000)],
]
for (const [name, text] of rubbish) {
  test(`rubbish is refused: ${name}`, () => {
    const options = { mode: 'chunked-unsigned-trailer', decodedLength: 2 ** 50 } as const
    for (const pieces of [[Buffer.from(text)], Array.from(text, (char) => Buffer.from(char))]) {
      assert.throws(() => decode(options, ...pieces), failsWith('InvalidRequest'))
    }
  })
}

test('endless trailers are refused, in one line or in many', () => {
  const trailers = ['x-amz-checksum-crc32']
  for (const endless of ['x-amz-checksum-crc32:'.padEnd(9000, 'a'), 'x-amz-checksum-crc32:a\n'.repeat(1000)]) {
    const options = { mode: 'chunked-unsigned-trailer', decodedLength: 0, trailers } as const
    assert.throws(() => decode(options, Buffer.from(`0\r\n${endless}`)), failsWith('InvalidRequest'))
  }
})

test('a chunk that goes beyond the announced length is refused before its data', () => {
  const decoder = new ChunkedDecoder({ mode: 'chunked-unsigned-trailer', decodedLength: 4 })
  assert.deepEqual(decoder.push(Buffer.from('4\r\naaaa\r\n')), [Buffer.from('aaaa')])
  assert.throws(() => decoder.push(Buffer.from('1\r\n')), failsWith('IncompleteBody'))
})

test('the trailers together are bounded', () => {
  const trailers = ['a', 'b', 'c', 'd']
  const body = (length: number) =>
    Buffer.from(`0\r\n${trailers.map((name) => `${name}:${'x'.repeat(length)}\r\n`).join('')}\r\n`)
  const options = { mode: 'chunked-unsigned-trailer', decodedLength: 0, trailers } as const
  assert.equal(decode(options, body(2000)).trailers.size, 4)
  assert.throws(() => decode(options, body(3000)), failsWith('InvalidRequest'))
})

test('an empty chunk can’t be encoded, since it would end the body', () => {
  assert.throws(() => new ChunkedEncoder({ mode: 'chunked-signed', seed }).encode(Buffer.alloc(0)), RangeError)
  assert.throws(() => new ChunkedEncoder({ mode: 'chunked-signed', seed }).end(checksum), RangeError)
})
