import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Job, Result } from './load.ts'
import { cpuSecondsOf } from './process-cpu.ts'

export interface Measured extends Result {
  readonly perSecond: number
  /** Microseconds of processor time a request, of the target and its children. */
  readonly cpu: number
}

const LOAD = fileURLToPath(new URL('load.ts', import.meta.url))

/** Loads a target from a process of its own, and counts what the target's processes spend on it. */
export async function measure(job: Job, targetPids: readonly number[]): Promise<Measured> {
  const child = spawn(process.execPath, [LOAD], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(job))
  let before = 0
  let result: Result | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'measuring') before = cpuSecondsOf(targetPids)
    else result = JSON.parse(line) as Result
  }
  const spent = cpuSecondsOf(targetPids) - before
  if (!result) throw new Error('the load generator ended without a result')
  if (result.errors > 0) throw new Error(`${result.errors} of ${result.requests} answers were errors`)
  return { ...result, perSecond: result.requests / result.seconds, cpu: (spent / result.requests) * 1e6 }
}
