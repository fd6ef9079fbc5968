import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { S3Error } from '../s3-error.ts'
import { readUploadForm } from './form-reader.ts'

const BOUNDARY = 'bound'

const form = (file: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(
      '--bound\r\nContent-Disposition: form-data; name="Key"\r\n\r\nä/${filename}\r\n' +
        '--bound\r\ncontent-disposition: form-data; name="empty"\r\n\r\n\r\n' +
        '--bound\r\ncontent-disposition: form-data; name="file"; filename="C:\\\\a\\\\%22q%22 é.txt"\r\ncontent-type: text/x\r\n\r\n',
    ),
    file,
    Buffer.from('\r\n--bound\r\ncontent-disposition: form-data; name="late"\r\n\r\nx\r\n--bound--\r\n'),
  ])

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    yield bytes.subarray(at, at + size)
    at += size
  }
}

const collect = async (stream: AsyncIterable<Buffer>): Promise<Buffer> => {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces)
}

test('fields and file are read the same however the stream is cut', async () => {
  const near = fc.constantFrom('\r', '\n', '-', '\r\n', '--bound', '\r\n--boun', '\r\n--', 'x')
  const file = fc.array(near, { maxLength: 20 }).map((pieces) => pieces.join('').replaceAll('\r\n--bound', '\r\n--b'))
  await fc.assert(
    fc.asyncProperty(
      file,
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
      async (text, sizes) => {
        const read = await readUploadForm(cut(form(Buffer.from(text)), sizes), BOUNDARY)
        assert.deepEqual(
          [...read.fields],
          [
            ['key', 'ä/${filename}'],
            ['empty', ''],
          ],
        )
        assert.equal(read.file.name, '"q" é.txt')
        assert.equal(read.file.contentType, 'text/x')
        assert.equal((await collect(read.file.stream)).toString(), text)
      },
    ),
    { numRuns: 300 },
  )
})

test('a form cut anywhere is an error of S3, and never a whole file', async () => {
  const whole = form(Buffer.from('the file'))
  const end = whole.indexOf('\r\n--bound', whole.indexOf('the file')) + '\r\n--bound'.length
  for (let length = 0; length < end; length++) {
    await assert.rejects(
      readUploadForm(cut(whole.subarray(0, length), [7]), BOUNDARY).then((read) => collect(read.file.stream)),
      (error) => error instanceof S3Error && error.status === 400,
      `${length} bytes`,
    )
  }
})
