import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { addKey, changeKeyFile, createKeyFile, rotateKey } from '../store/keys/key-file.ts'
import { KeyRing } from '../store/keys/key-ring.ts'
import { fileKeyVersion, isOwnKey, makeFileKey, openFileKey, resealFileKey } from './file-key.ts'

const OWN = 'arn:aws:kms:us-east-1:000000000000:alias/aws/s3'
const ARN = 'arn:aws:kms:eu-west-1:123456789012:key/photos'

const openRing = async (): Promise<AsyncDisposable & { readonly path: string; readonly keys: KeyRing }> => {
  const directory = await mkdtemp(join(tmpdir(), 's3-ring-'))
  const path = join(directory, 'keys.json')
  await createKeyFile(path)
  await changeKeyFile(path, (file) => addKey(addKey(addKey(file, ARN), 'photos'), 'constructor'))
  return {
    path,
    keys: await KeyRing.open(path, false, []),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  }
}

test('a key opens only as the key and for the context that it was made for', async () => {
  await using ring = await openRing()
  const { keys } = ring
  for (const id of ['photos', ARN, OWN, 'constructor']) {
    const { key, managed } = makeFileKey(keys, id, { a: '1', b: '2' })
    assert.ok(openFileKey(keys, managed).equals(key))
    assert.ok(openFileKey(keys, { ...managed, context: { b: '2', a: '1' } }).equals(key), 'in any order')
    for (const context of [{}, { a: '1' }, { a: '2', b: '2' }, { a: '1', b: '2', c: '3' }]) {
      assert.throws(() => openFileKey(keys, { ...managed, context }))
    }
    assert.throws(() => openFileKey(keys, { ...managed, keyId: 'other' }))
  }
  for (const id of ['nobody', 'toString']) assert.throws(() => makeFileKey(keys, id, {}), /There is no key/)
})

test('a key is found by its name first, then by what it is called within its account', async () => {
  await using ring = await openRing()
  const { keys } = ring
  for (const [asked, found] of [
    ['photos', 'photos'],
    [ARN, ARN],
    ['alias/photos', ARN],
    ['arn:aws:kms:us-east-1:000000000000:key/photos', ARN],
    ['photo', undefined],
    ['', undefined],
    ['toString', undefined],
  ] as const) {
    assert.equal(keys.findName(asked), found, asked)
  }
  for (const id of ['aws/s3', 'alias/aws/s3', OWN]) assert.ok(isOwnKey(id), id)
  for (const id of ['photos', 'aws/s3/', 'my-aws/s3', 'alias/my-aws/s3']) assert.ok(!isOwnKey(id), id)
})

test('a key is sealed anew when its key was rotated, and only then', async () => {
  await using ring = await openRing()
  const { keys, path } = ring
  const { key, managed } = makeFileKey(keys, 'photos', { a: '1' })
  const own = makeFileKey(keys, OWN, {})
  assert.equal(resealFileKey(keys, managed), undefined)
  await changeKeyFile(path, (file) => rotateKey(file, 'photos'))
  assert.equal(await keys.reload(), true)
  assert.equal(await keys.reload(), false, 'nothing new')
  const renewed = resealFileKey(keys, managed)
  assert.ok(renewed)
  assert.notEqual(fileKeyVersion(renewed), fileKeyVersion(managed))
  assert.ok(openFileKey(keys, renewed).equals(key))
  assert.ok(openFileKey(keys, managed).equals(key), 'the older version still opens')
  assert.equal(resealFileKey(keys, own.managed), undefined)
})
