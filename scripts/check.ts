// npm run check: types, lint, format, the written OpenAPI document and the lockfile. Runs all, then says what failed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { lockfileMistakes } from './lockfile.ts'

const root = resolve(import.meta.dirname, '..')
const path = [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter)

interface Outcome {
  readonly ok: boolean
  readonly output: string
}

/** Without a shell except on Windows, where the tools are .cmd files. */
function tool(command: string, ...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const options = { cwd: root, env: { ...process.env, PATH: path }, shell: process.platform === 'win32' }
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.once('error', (error) => done({ ok: false, output: error.message }))
    child.once('close', (code) => done({ ok: code === 0, output }))
  })
}

async function lockfile(): Promise<Outcome> {
  const mistakes = lockfileMistakes(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return { ok: mistakes.length === 0, output: mistakes.join('\n') }
}

const CHECKS: readonly (readonly [string, string, () => Promise<Outcome>])[] = [
  ['types', 'tsc -p .', () => tool('tsc', '-p', '.')],
  ['lint', 'oxlint --type-aware', () => tool('oxlint', '--type-aware', '--deny-warnings')],
  ['format', 'oxfmt --check (npm run format mends it)', () => tool('oxfmt', '--check')],
  [
    'openapi.json is that of the routes',
    'npm run openapi writes it',
    () => tool(process.execPath, 'packages/contract/src/write-openapi.ts', '--check'),
  ],
  [
    'docs/settings.md is that of the settings',
    'node scripts/write-settings-doc.ts writes it',
    () => tool(process.execPath, 'scripts/write-settings-doc.ts', '--check'),
  ],
  ['lockfile', 'every package has a version and a hash', lockfile],
]

let failed = 0
for (const [name, how, check] of CHECKS) {
  const { ok, output } = await check()
  process.stdout.write(`${ok ? '✔' : '✖'} ${name} (${how})\n`)
  if (ok) continue
  failed++
  process.stdout.write(`${output.trimEnd()}\n\n`)
}
if (failed > 0) process.stdout.write(`${failed} of ${CHECKS.length} checks failed\n`)
process.exitCode = failed > 0 ? 1 : 0
