import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ReportLine } from '../src/report.ts'
import { CREDENTIALS } from './store-process.ts'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

export interface Copied {
  /** Null when it was killed. */
  readonly code: number | null
  readonly output: string
  readonly errors: string
}

/** The program with a report of its own, run as often as wanted. */
export interface Copier extends AsyncDisposable {
  run(...args: string[]): Promise<Copied>
  /** Kills it with SIGKILL once something is so. */
  runUntil(isSo: (lines: number) => boolean | Promise<boolean>, ...args: string[]): Promise<Copied>
  /** Whole lines of all runs. */
  report(): ReportLine[]
}

export const makeCopier = async (from: string, to: string): Promise<Copier> => {
  const folder = await mkdtemp(join(tmpdir(), 's3-copy-report-'))
  const reportFile = join(folder, 'report.jsonl')
  const lines = (): string[] =>
    (existsSync(reportFile) ? readFileSync(reportFile, 'utf8').split('\n') : []).slice(0, -1)
  const start = (args: readonly string[]) => {
    const child = spawn(process.execPath, [MAIN, '--from', from, '--to', to, '--report', reportFile, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        S3_SOURCE_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        S3_SOURCE_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        S3_TARGET_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        S3_TARGET_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      },
    })
    let output = ''
    let errors = ''
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
    child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
    const ended = once(child, 'close').then(() => ({ code: child.exitCode, output, errors }))
    return { child, ended }
  }
  return {
    run: (...args) => start(args).ended,
    runUntil: async (isSo, ...args) => {
      const { child, ended } = start(args)
      while (child.exitCode === null && !(await isSo(lines().length))) await setTimeout(5)
      child.kill('SIGKILL')
      return ended
    },
    report: () => lines().map((line) => JSON.parse(line) as ReportLine),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
