import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { embeddedSecrets } from './secrets.ts'

test('secrets are made for an empty folder, kept, and never replaced beside data', async () => {
  for (const data of ['s3', 'postgres']) {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-secrets-'))
    const made = await embeddedSecrets(folder.path)
    await mkdir(join(folder.path, data))
    assert.deepEqual(await embeddedSecrets(folder.path), made)
    await rm(join(folder.path, 'secrets.json'))
    await assert.rejects(embeddedSecrets(folder.path), /secrets\.json is missing, but .* has data/)
    assert.deepEqual(await readdir(folder.path), [data])
  }
})
