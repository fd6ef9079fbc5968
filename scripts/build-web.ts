import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const web = join(root, 'apps/web')
const stamp = join(web, 'dist/.built-from')

/** What the built web app is made of. */
const SOURCES = [
  'apps/web/src',
  'apps/web/public',
  'apps/web/index.html',
  'apps/web/vite.config.ts',
  'apps/web/compressed-assets.ts',
  'apps/web/package.json',
  'packages/client/src',
  'packages/contract/src',
  'package-lock.json',
]

function* filesOf(path: string): Generator<string> {
  if (!existsSync(path)) return
  if (!statSync(path).isDirectory()) return yield path
  for (const name of readdirSync(path).toSorted()) yield* filesOf(join(path, name))
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    for (const file of filesOf(join(root, source)))
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/**
 * Builds the web app unless it is built from these very sources.
 * @throws Error with the end of the build's output
 */
export function buildWeb(): void {
  const hash = hashOfSources()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  process.stderr.write('Building the web app (once, and again when its sources change) ...\n')
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const built = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: web, encoding: 'utf8' })
  if (built.status !== 0) {
    throw new Error(`The web app could not be built:\n${`${built.stdout}${built.stderr}`.slice(-4000)}`)
  }
  writeFileSync(stamp, hash)
}
