import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')

/** Which packages' code each room may import; see ARCHITECTURE.md. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'packages/core/src': [],
  'packages/contract/src': ['core'],
  'packages/client/src': ['contract'],
  'packages/issuer-keys/src': ['core'],
  'packages/aws-wire/src': ['core'],
  'packages/s3-server/src': ['core', 'issuer-keys', 'aws-wire'],
  'packages/s3-copy/src': [],
  'apps/server/src': ['core', 'contract', 'issuer-keys', 'aws-wire', 's3-server'],
  'apps/web/src': ['contract', 'client'],
  conformance: [],
}
const PACKAGES = ['core', 'contract', 'client', 'issuer-keys', 'aws-wire', 's3-server', 's3-copy', 'server', 'web']

interface Diagnostic {
  readonly code: string
  readonly filename: string
}

/** Files whose only import the rules refuse. */
const refused = (imports: ReadonlyMap<string, string>): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'layers-'))
  try {
    cpSync(join(root, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
    for (const [file, from] of imports) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), `import { it } from '${from}'\nexport const its = it\n`)
    }
    const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')
    const run = spawnSync(process.execPath, [oxlint, '--format=json'], { cwd: folder, encoding: 'utf8' })
    const { diagnostics } = JSON.parse(run.stdout) as { diagnostics: readonly Diagnostic[] }
    return diagnostics.flatMap(({ code, filename }) =>
      code.includes('no-restricted-imports') ? filename.replaceAll('\\', '/') : [],
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a room imports the rooms that ARCHITECTURE.md says, and no other, by no way', () => {
  const imports = new Map<string, string>()
  const wrong: string[] = []
  for (const [room, allowed] of Object.entries(ARROWS)) {
    const others = PACKAGES.filter((name) => !room.includes(`/${name}/`))
    for (const name of others) {
      const file = `${room}/imports-${name}.ts`
      imports.set(file, `@skycrate/${name}/some/thing`)
      if (!allowed.includes(name)) wrong.push(file)
      const byPath = `${room}/deep/reaches-${name}.ts`
      imports.set(byPath, `../../../../${name === 'server' || name === 'web' ? 'apps' : 'packages'}/${name}/src/it.ts`)
      wrong.push(byPath)
    }
  }
  assert.deepEqual(refused(imports).toSorted(), wrong.toSorted())
})

test('what is pure or runs in browsers imports nothing of Node, not by a longer name either', () => {
  const imports = new Map<string, string>()
  const wrong: string[] = []
  const forbid = (room: string, ...names: string[]): void => {
    for (const name of names) {
      const file = `${room}/uses-${name.replaceAll(/[:/]/g, '-')}.ts`
      imports.set(file, name)
      wrong.push(file)
    }
  }
  forbid(
    'packages/core/src',
    'node:fs',
    'node:fs/promises',
    'node:http',
    'node:http2',
    'node:net',
    'node:timers/promises',
  )
  forbid('packages/core/src', 'node:child_process', 'fastify', 'pg')
  forbid('packages/client/src', 'node:fs', 'node:fs/promises', 'node:crypto')
  forbid('apps/web/src', 'node:fs', 'node:fs/promises', 'node:crypto')
  imports.set('packages/core/src/hashes.ts', 'node:crypto')
  assert.deepEqual(refused(imports).toSorted(), wrong.toSorted())
})
