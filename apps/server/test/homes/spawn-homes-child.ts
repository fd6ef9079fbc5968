import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { ChildTask } from './homes-child.ts'

export interface HomesChild {
  readonly kill: () => void
  /** The names of the buckets it was given, or undefined when it was killed. */
  readonly buckets: Promise<string[] | undefined>
}

export function spawnHomesChild(task: ChildTask): HomesChild {
  const script = fileURLToPath(new URL('homes-child.ts', import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(task)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  return {
    kill: () => child.kill('SIGKILL'),
    buckets: new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code, signal) => {
        if (signal === 'SIGKILL') resolve(undefined)
        else if (code === 0) resolve(JSON.parse(output) as string[])
        else reject(new Error(`the child ended with ${code ?? signal}: ${errors}`))
      })
    }),
  }
}
