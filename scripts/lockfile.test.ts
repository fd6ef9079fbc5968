import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lockfileMistakes } from './lockfile.ts'

const lock = (packages: object): string => JSON.stringify({ lockfileVersion: 3, packages })

test('a lockfile whose packages all have a version and a hash has no mistakes', () => {
  const packages = {
    '': { name: 'root' },
    'apps/server': { name: 'server' },
    'node_modules/server': { link: true, resolved: 'apps/server' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-x' },
    'node_modules/a/node_modules/b': { version: '1.0.0', inBundle: true },
  }
  assert.deepEqual(lockfileMistakes(lock(packages)), [])
})

test('a package without a version or a hash is named', () => {
  const packages = { 'node_modules/a': { integrity: 'sha512-x' }, 'apps/web/node_modules/b': { version: '1.0.0' } }
  assert.deepEqual(lockfileMistakes(lock(packages)), [
    'node_modules/a has no version',
    'apps/web/node_modules/b has no integrity',
  ])
})
