import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { consoleCommands, typeCommands } from './console-blocks.ts'
import { startSystem, type System } from './system.ts'

/** In the order in which the documents lead to each other: the walk-through of the README comes first. */
const DOCUMENTS = [
  'README.md',
  'docs/guides/access.md',
  'docs/guides/sharing.md',
  'docs/guides/files.md',
  'docs/guides/tokens.md',
  'docs/guides/temporary-credentials.md',
  'docs/guides/audit.md',
  'docs/guides/quotas.md',
]

const withoutJq = (() => {
  try {
    execFileSync('jq', ['--version'])
    return false
  } catch {
    return 'the commands of the documents: apt-get install jq'
  }
})()

let system: System
let cwd: string

before(async () => {
  system = await startSystem({ env: { SKYCRATE_ADMIN_EMAIL: 'admin@localhost' } })
  cwd = await mkdtemp(join(tmpdir(), 'skycrate-guides-'))
  await symlink(fileURLToPath(new URL('../docs', import.meta.url)), join(cwd, 'docs'))
})
after(async () => {
  await system?.[Symbol.asyncDispose]()
  await rm(cwd, { recursive: true, force: true })
})

test('the commands of a document are found, with what they print', () => {
  const text = ['```console', "$ echo 'a", "b' | tail -1", 'b', '```', '```sh', '$ ls', '```'].join('\n')
  assert.deepEqual(consoleCommands(text), [{ line: 2, command: "echo 'a\nb' | tail -1", prints: ['b'] }])
})

test('what the documents tell to type does what they say', { skip: withoutJq }, async (t) => {
  const replace = (text: string): string =>
    text
      .replaceAll('localhost:8080', `localhost:${new URL(system.url).port}`)
      .replaceAll('http://localhost:9000', system.s3Url)
      .replaceAll('"PASSWORD"', JSON.stringify(system.admin.password))
  const signIn = `
    api=${system.url}/api/v1
    token=$(curl -s $api/auth/login -H 'content-type: application/json' \
      -d '{"email":"admin@localhost","password":"${system.admin.password}"}' | jq -r .access_token)
    session=$token
    bucket=$(curl -s $api/home -H "authorization: Bearer $token" | jq -r .bucket)
    userId=$(curl -s $api/auth/me -H "authorization: Bearer $token" | jq -r .id)
    user=$userId`
  for (const document of DOCUMENTS) {
    await t.test(document, async () => {
      const differences = await typeCommands({
        document,
        cwd,
        env: {},
        replace,
        before: document === 'README.md' ? '' : signIn,
        // Needs an AWS CLI that knows AWS_ENDPOINT_URL_S3, newer than Debian's.
        skip: (command) => /^(npm|aws|export AWS)/.test(command),
      })
      assert.deepEqual(differences, [])
    })
  }
})
