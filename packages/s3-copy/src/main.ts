import { openEndpoint } from './endpoint.ts'
import { readOptions } from './read-options.ts'
import { openReport } from './report.ts'
import { runCopy } from './run-copy.ts'
import { Tally } from './tally.ts'
import { UsageError } from './usage-error.ts'

const USAGE = `Usage: skycrate-s3-copy --from URL --to URL [options]

Copies buckets with every version and setting from one S3 store to another. Run again, it brings what is new or was missing.

  S3_SOURCE_ACCESS_KEY_ID, S3_SOURCE_SECRET_ACCESS_KEY, S3_SOURCE_SESSION_TOKEN, S3_SOURCE_REGION (us-east-1)
  S3_TARGET_ACCESS_KEY_ID, …   the same for the other side

  --bucket NAME      only this one; may be said again; default all
  --map NAME=OTHER   the bucket's name at the target; NAME=OTHER/FOLDER/ makes it a folder of one
  --report FILE      JSON lines are appended: each version's old and new id, and what did not come over;
                     default skycrate-s3-copy.jsonl
  --concurrency N    keys at once, 1 to 256, default 16
  --accept LIST      what may be lost without an error: names of the report, with commas between
  --leave LIST       settings that are not to come over
  --restore DAYS     restores archived objects at the source for so long, so that they can be read
  --dry-run          changes nothing, says what would be copied
  --verify           changes nothing, compares everything but bytes whose ETags are equal
  --deep             with --verify: reads every byte of both sides

Ends with 0 when all is at the target, 1 when something is missing or differs, 2 for a wrong command line.
`

const PROGRESS_MS = 10_000

const run = async (): Promise<void> => {
  if (process.argv.some((argument) => argument === '--help' || argument === '-h')) {
    process.stdout.write(USAGE)
    return
  }
  const {
    from: fromOptions,
    to: toOptions,
    reportFile,
    accepted,
    ...options
  } = readOptions(process.argv.slice(2), process.env)
  using from = openEndpoint(fromOptions)
  using to = openEndpoint(toOptions)
  using report = await openReport(reportFile)
  const tally = new Tally(accepted)
  const progress = setInterval(() => {
    const { keys, copied, bytes, missing } = tally.counts
    process.stderr.write(`${keys} keys, ${copied} versions copied, ${bytes} bytes, ${missing} missing\n`)
  }, PROGRESS_MS)
  try {
    await runCopy({ ...options, from, to, report, tally })
  } finally {
    clearInterval(progress)
  }
  const said = Object.entries(tally.counts).filter(([name, count]) => count > 0 || name === 'missing')
  process.stdout.write(said.map(([name, count]) => `${name.padEnd(30)}${String(count).padStart(14)}\n`).join(''))
  process.stdout.write(`${tally.isWhole ? 'everything is there' : 'NOT everything is there'}: ${reportFile}\n`)
  process.exitCode = tally.isWhole ? 0 : 1
}

try {
  await run()
} catch (error) {
  const { code } = error as { code?: string }
  const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isUsage ? `\n${USAGE}` : ''}`)
  process.exitCode = isUsage ? 2 : 1
}
