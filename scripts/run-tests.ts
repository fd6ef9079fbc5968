import { fork } from 'node:child_process'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import type { TestEvent } from 'node:test/reporters'

export interface TestPlan {
  /** Run in one process, one after another: fast, and they share what is slow to start. */
  readonly shared: readonly string[]
  /** Each in a process of its own, two at a time, beside the shared ones and told of after them. */
  readonly isolated: readonly string[]
  /** A skipped test counts as a failure. */
  readonly nothingSkipped: boolean
}

const COUNTERS = ['tests', 'suites', 'pass', 'fail', 'cancelled', 'skipped', 'todo'] as const

/** The runner's own last words of a run; they are said once, for all runs together. */
const SUMMARY_LINE = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) ([\d.]+)$/

const TIME_LIMIT_MS = 300_000

/** How many files are told of that took longest. */
const SLOWEST = 10

async function* runShared(files: readonly string[]): AsyncGenerator<TestEvent> {
  const child = fork(join(import.meta.dirname, 'run-shared.ts'), [String(TIME_LIMIT_MS), ...files], {
    serialization: 'advanced',
  })
  const events: TestEvent[] = []
  let told = Promise.withResolvers<void>()
  let ended = false
  child.on('message', (message) => {
    const { event, failureType } = message as { event: TestEvent; failureType?: string }
    if (event.type === 'test:fail') Object.assign(event.data.details.error, { failureType })
    events.push(event)
    told.resolve()
  })
  child.once('close', () => {
    ended = true
    told.resolve()
  })
  while (!ended || events.length > 0) {
    await told.promise
    told = Promise.withResolvers()
    yield* events.splice(0)
  }
}

function runIsolated(files: readonly string[]): AsyncIterable<TestEvent> {
  const execArgv = ['--import', new URL('end-what-lingers.ts', import.meta.url).href]
  return run({ files: [...files], concurrency: 2, timeout: TIME_LIMIT_MS, execArgv })
}

/**
 * Runs everything and writes to stdout, as its last lines, the runner's usual summary for all of it together.
 * @returns the exit code: 0 only when at least one test ran and every one passed
 */
export async function runTests(plan: TestPlan): Promise<number> {
  const began = performance.now()
  const counts = new Map<string, number>()
  const skips = new Map<string, number>()
  /** Milliseconds by file. */
  const durations = new Map<string, number>()
  const took = (file: string | undefined, milliseconds: number | undefined): void => {
    if (file !== undefined) durations.set(file, (durations.get(file) ?? 0) + (milliseconds ?? 0))
  }
  // A file whose process ends with 0 before its tests do is a success to the runner, so each must have summed up.
  const unfinished = new Set(plan.isolated)
  /** Of the runs, those that have not yet summed up. */
  let unsummarised = Number(plan.shared.length > 0) + Number(plan.isolated.length > 0)
  let succeeded = true

  const reporter = new spec()
  const printed = new Promise((resolve) => reporter.once('end', resolve))
  reporter.pipe(process.stdout, { end: false })

  // At it the reporter tells all failures once more: held back until all runs are over, they stand at the end.
  let summary: TestEvent | undefined
  const follow = async (stream: AsyncIterable<TestEvent>, turn: Promise<void>): Promise<void> => {
    let itsTurn = false
    const held: TestEvent[] = []
    const begun = turn.then(() => {
      itsTurn = true
      for (const event of held) reporter.write(event)
    })
    for await (const event of stream) {
      if (event.type === 'test:summary') {
        succeeded &&= event.data.success
        if (event.data.file === undefined) {
          unsummarised--
          summary = event
          continue
        }
        unfinished.delete(event.data.file)
      }
      if ((event.type === 'test:pass' || event.type === 'test:fail') && event.data.nesting === 0) {
        took(event.data.file, event.data.details.duration_ms)
      }
      if (event.type === 'test:pass' && event.data.skip !== undefined) {
        const reason = typeof event.data.skip === 'string' ? event.data.skip : `${event.data.name} (no reason given)`
        skips.set(reason, (skips.get(reason) ?? 0) + 1)
      }
      const counted = event.type === 'test:diagnostic' && SUMMARY_LINE.exec(event.data.message)
      if (counted) {
        const [, name = '', number] = counted
        counts.set(name, (counts.get(name) ?? 0) + Number(number))
        continue
      }
      if (itsTurn) reporter.write(event)
      else held.push(event)
    }
    await begun
  }

  const now = Promise.resolve()
  const shared = plan.shared.length > 0 ? follow(runShared(plan.shared), now) : now
  const isolated = plan.isolated.length > 0 ? follow(runIsolated(plan.isolated), shared) : now
  await Promise.all([shared, isolated])
  if (summary !== undefined) reporter.write(summary)
  reporter.end()
  await printed

  const lines: string[] = ['']
  if (skips.size > 0) {
    lines.push(plan.nothingSkipped ? 'Skipped, though nothing may be (SKYCRATE_TEST_ALL=1):' : 'Skipped:')
    for (const [reason, times] of skips) lines.push(`  ${times} × ${reason}`)
    lines.push('')
    if (plan.nothingSkipped) succeeded = false
  }
  if (durations.size > 1) {
    lines.push('Slowest files:')
    const slowest = [...durations].toSorted(([, a], [, b]) => b - a).slice(0, SLOWEST)
    for (const [file, milliseconds] of slowest) {
      lines.push(`  ${(milliseconds / 1000).toFixed(1).padStart(6)} s  ${relative(process.cwd(), file)}`)
    }
    lines.push('')
  }
  if (unsummarised > 0) {
    lines.push('The process ended before the tests did.', '')
    succeeded = false
  }
  for (const file of unfinished) lines.push(`${file} ended before its tests did.`, '')
  if (unfinished.size > 0) succeeded = false
  if (!counts.get('tests')) {
    lines.push('No test was found.', '')
    succeeded = false
  }
  for (const name of COUNTERS) lines.push(`ℹ ${name} ${counts.get(name) ?? 0}`)
  lines.push(`ℹ duration_ms ${Math.round(performance.now() - began)}`, '')
  await new Promise((resolve) => process.stdout.write(lines.join('\n'), resolve))
  return succeeded ? 0 : 1
}
