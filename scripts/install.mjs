// Installs the locked dependencies when they changed since the last time. Plain JavaScript: it runs on whatever
// Node (18 or later) the machine has, before the pinned Node of node_modules exists.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.skycrate-lock-hash')
const hash = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .update(process.platform + process.arch)
  .digest('hex')
const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : ''

if (installed !== hash) {
  process.stderr.write('Installing what is missing (npm ci; once, and again when package-lock.json changes) ...\n')
  // npm passes its own path on; a shell is needed on Windows, where npm is a .cmd file.
  const npm = process.env.npm_execpath
  const arguments_ = ['ci', '--loglevel=error', '--no-audit', '--no-fund']
  const done = npm
    ? spawnSync(process.execPath, [npm, ...arguments_], { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
    : spawnSync('npm', arguments_, {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
        shell: process.platform === 'win32',
      })
  if (done.status !== 0) {
    process.stderr.write(
      `npm ci failed${done.error ? `: ${done.error.message}` : ''}. Nothing was started; mend the cause above and run the command again.\n`,
    )
    process.exit(done.status || 1)
  }
  writeFileSync(stamp, hash)
}
