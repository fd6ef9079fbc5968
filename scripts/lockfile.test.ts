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

test('a package that is needed on another platform only, and is not there, is named', () => {
  const known = { version: '1.0.0', integrity: 'sha512-x' }
  const packages = {
    'apps/web': { dependencies: { a: '1.0.0' } },
    'node_modules/a': {
      ...known,
      dependencies: { c: '1.0.0' },
      optionalDependencies: { 'b-darwin': '1.0.0', 'b-linux': '1.0.0' },
    },
    'node_modules/a/node_modules/c': known,
    'node_modules/b-linux': known,
  }
  assert.deepEqual(lockfileMistakes(lock(packages)), ['b-darwin, which node_modules/a needs, is not there'])
})
