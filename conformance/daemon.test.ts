import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { poll } from './poll.ts'

const skip = process.platform === 'linux' ? false : 'children that end with their parent: only Linux can do it'

test('what a spec starts ends with it, even when it is killed', { skip }, async () => {
  const module = JSON.stringify(new URL('./daemon.ts', import.meta.url).href)
  const script = `
    import { startDaemon } from ${module}
    const daemon = await startDaemon(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { env: {} })
    process.stdout.write(String(daemon.pid))`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const pid = await new Promise<number>((resolve) => parent.stdout.once('data', (text) => resolve(Number(text))))
  assert.ok(pid > 1 && existsSync(`/proc/${pid}`))
  parent.kill('SIGKILL')
  // Where no init process collects the dead, what is left of it has no command line any more.
  await poll('it has ended', 10_000, () => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8') === ''
    } catch {
      return true
    }
  })
})
