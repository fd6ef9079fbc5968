import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { StoreJob, StoreResult } from './store-load.ts'

const LOAD = fileURLToPath(new URL('store-load.ts', import.meta.url))

/** Runs a job in a process of its own. @throws where an answer was an error */
export async function runStoreLoad(job: StoreJob): Promise<StoreResult> {
  const child = spawn(process.execPath, [LOAD], { stdio: ['pipe', 'pipe', 'inherit'] })
  child.stdin.end(JSON.stringify(job))
  let result: StoreResult | undefined
  for await (const line of createInterface({ input: child.stdout })) result = JSON.parse(line) as StoreResult
  if (!result) throw new Error('the load generator ended without a result')
  if (result.errors.length > 0) throw new Error(`answers were errors: ${result.errors.join(', ')}`)
  return result
}
