import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AttributeRequest } from './attributes.ts'
import { sendWithoutRefused } from './send-without-refused.ts'

const REQUESTS: readonly AttributeRequest[] = [
  { attribute: 'tags', input: { Tagging: 'a=b' } },
  { attribute: 'storage class', input: { StorageClass: 'GLACIER' } },
  { attribute: 'encryption', input: { ServerSideEncryption: 'AES256' } },
]

const failure = (status: number, name: string): Error =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode: status } })

/** A store that refuses these; it tells what it took. */
const sendTo =
  (unable: readonly string[], tried: string[][] = []) =>
  async (requests: readonly AttributeRequest[]): Promise<string[]> => {
    const names = requests.map(({ attribute }): string => attribute)
    tried.push(names)
    if (names.some((name) => unable.includes(name))) throw failure(400, 'InvalidArgument')
    return names
  }

const CASES: readonly (readonly [refused: readonly string[], kept: readonly string[]])[] = [
  [[], ['tags', 'storage class', 'encryption']],
  [['storage class'], ['tags', 'encryption']],
  [['storage class', 'encryption'], ['tags']],
  [['tags', 'storage class', 'encryption'], []],
]

for (const [refused, kept] of CASES) {
  test(`a store that refuses ${refused.join(' and ') || 'nothing'} keeps ${kept.join(', ') || 'the bare object'}`, async () => {
    assert.deepEqual(await sendWithoutRefused(REQUESTS, new Set(), sendTo(refused)), kept)
  })
}

test('what a store can not keep of any object is not asked of it again, tags are', async () => {
  const known = new Set<string>()
  await sendWithoutRefused(REQUESTS, known, sendTo(['storage class', 'tags']))
  const tried: string[][] = []
  await sendWithoutRefused(REQUESTS, known, sendTo([], tried))
  assert.deepEqual(tried, [['tags', 'encryption']])
})

test('a failure that is no refusal ends it at once, and a bare write that is refused ends it with the first reason', async () => {
  let sent = 0
  const fail = (error: Error) => async (): Promise<never> => {
    sent++
    throw error
  }
  await assert.rejects(sendWithoutRefused(REQUESTS, new Set(), fail(failure(503, 'SlowDown'))), { name: 'SlowDown' })
  assert.equal(sent, 1)
  await assert.rejects(sendWithoutRefused(REQUESTS, new Set(), fail(failure(403, 'AccessDenied'))), {
    name: 'AccessDenied',
  })
})
