import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const root = join(import.meta.dirname, '..')
const BARE_IMPORT = /^(?:import|export)\b[^'"]*?from '((?:@[\w-]+\/)?\w[\w.:-]*)/gm

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

test('each package declares what it imports: an installation of one alone has everything', () => {
  const missing: string[] = []
  for (const manifest of globSync(['packages/*/package.json', 'apps/*/package.json'], { cwd: root })) {
    const { name, dependencies, optionalDependencies } = JSON.parse(
      readFileSync(join(root, manifest), 'utf8'),
    ) as Manifest
    const declared = new Set([name, ...Object.keys({ ...dependencies, ...optionalDependencies })])
    for (const file of globSync(join(dirname(manifest), 'src/**/*.{ts,tsx}'), { cwd: root })) {
      // Tests are never installed alone.
      if (/\.test\.tsx?$|\/test-[\w-]+\.ts$/.test(file)) continue
      for (const [, imported] of readFileSync(join(root, file), 'utf8').matchAll(BARE_IMPORT)) {
        if (!isBuiltin(imported!) && !declared.has(imported!)) {
          missing.push(`${file} imports ${imported}`)
        }
      }
    }
  }
  assert.deepEqual(missing, [])
})
