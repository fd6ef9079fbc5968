import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

const module = JSON.stringify(new URL('./logger.ts', import.meta.url).href)

/** Logs to what stands for standard error and ends, without waiting for anything. */
function runLogging(stderr: number, code: string): { status: number | null; stdout: string } {
  const script = `import { createLogger } from ${module}; const logger = createLogger('info'); ${code}`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', stderr],
    timeout: 20_000,
  })
  return { status, stdout: stdout.toString() }
}

test('every line is written whole and in its order, the last ones too when the process ends at once', () => {
  const dir = mkdtempSync(join(tmpdir(), 'skycrate-log-'))
  const path = join(dir, 'log')
  const file = openSync(path, 'a')
  const { status } = runLogging(
    file,
    `for (let n = 0; n < 2000; n++) {
       if (n % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 20))
       logger.info({ n, text: '\\u00e9'.repeat(n % 300) })
     }
     await new Promise((resolve) => setTimeout(resolve, 100))
     logger.error('the last but one')
     await new Promise((resolve) => setTimeout(resolve, 100))
     logger.fatal('the last')
     process.exit(7)`,
  )
  closeSync(file)
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  rmSync(dir, { recursive: true })
  assert.equal(status, 7)
  const records = lines.map((line) => JSON.parse(line) as { n?: number; msg?: string })
  assert.deepEqual(
    records.flatMap(({ n }) => (n === undefined ? [] : [n])),
    Array.from({ length: 2000 }, (_, n) => n),
  )
  assert.deepEqual(
    records.slice(-2).map(({ msg }) => msg),
    ['the last but one', 'the last'],
  )
})

const skip = existsSync('/dev/full') ? false : 'a file that can never be written: only Linux has /dev/full'

test('a log that cannot be written ends no process and keeps none from ending', { skip }, () => {
  const full = openSync('/dev/full', 'a')
  const { status, stdout } = runLogging(
    full,
    `for (let n = 0; n < 5; n++) {
       logger.error('lost')
       await new Promise((resolve) => setTimeout(resolve, 20))
     }
     process.stdout.write('still here')
     logger.error('lost too')
     process.exit(7)`,
  )
  closeSync(full)
  assert.deepEqual([status, stdout], [7, 'still here'])
})
