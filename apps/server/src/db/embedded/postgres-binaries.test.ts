import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { lstatSync, mkdtempSync } from 'node:fs'
import { cp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import { locatePostgres } from './postgres-binaries.ts'

test('binaries that were installed without their links find their libraries, and the package stays untouched', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'skycrate-binaries-'))
  try {
    const installed = dirname(dirname((await locatePostgres(join(scratch, 'unused'))).postgres))
    const native = join(scratch, 'package', 'native')
    const isLink = (path: string): boolean => lstatSync(path).isSymbolicLink()
    await cp(installed, native, { recursive: true, filter: (path) => !isLink(path) })
    const before = await readdir(native, { recursive: true })
    for (let round = 0; round < 2; round += 1) {
      const { postgres, initdb, environment } = await locatePostgres(join(scratch, 'links'), native)
      assert.throws(() => execFileSync(initdb, ['--version'], { env: {}, stdio: 'pipe' }), /libpq|error while loading/)
      for (const program of [postgres, initdb]) {
        assert.match(execFileSync(program, ['--version'], { env: environment, encoding: 'utf8' }), /PostgreSQL\) 18/)
      }
    }
    assert.deepEqual(await readdir(native, { recursive: true }), before)
  } finally {
    await rm(scratch, { recursive: true })
  }
})
