import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import { STORE_CALLS, STS_CALLS } from './store-calls.ts'

const SOURCES = fileURLToPath(new URL('../../', import.meta.url))

/** Commands of an SDK package that the server's sources import. */
function commandsOf(sdk: string): string[] {
  const found = new Set<string>()
  for (const file of globSync('**/*.ts', { cwd: SOURCES, exclude: (name) => name.endsWith('.test.ts') })) {
    const text = readFileSync(`${SOURCES}/${file}`, 'utf8')
    for (const [, names = ''] of text.matchAll(new RegExp(`import\\s*\\{([^}]*)\\}\\s*from '${sdk}'`, 'g'))) {
      for (const [, name = ''] of names.matchAll(/\b([A-Z]\w*)Command\b/g)) found.add(name)
    }
  }
  return [...found].toSorted()
}

test('the table of calls names every operation that the sources send, and no other', () => {
  assert.deepEqual(commandsOf('@aws-sdk/client-s3'), Object.keys(STORE_CALLS).toSorted())
  assert.deepEqual(commandsOf('@aws-sdk/client-sts'), Object.keys(STS_CALLS).toSorted())
})

test('no source reaches a store by a client that the table does not see', () => {
  const clients = globSync('**/*.ts', { cwd: SOURCES, exclude: (name) => name.endsWith('.test.ts') })
    .map((file) => [file, readFileSync(`${SOURCES}/${file}`, 'utf8')] as const)
    .flatMap(([, text]) => [...text.matchAll(/from '(@aws-sdk\/(?:client|lib)-[\w-]+)'/g)].map(([, sdk = '']) => sdk))
  assert.deepEqual([...new Set(clients)].toSorted(), ['@aws-sdk/client-s3', '@aws-sdk/client-sts'])
})
