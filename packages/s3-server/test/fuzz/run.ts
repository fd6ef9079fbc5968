// node packages/s3-server/test/fuzz/run.ts [--cases N] [--clients N] [--seed TEXT] [--first N]
import { parseArgs } from 'node:util'
import { runFuzz } from './run-fuzz.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    clients: { type: 'string', default: '16' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: String(Date.now()) },
  },
})
const megabytes = (bytes: number): number => Math.round(bytes / 1024 ** 2)
process.stdout.write(`seed ${values.seed}, ${values.cases} cases, ${values.clients} connections at once\n`)
try {
  const { cases, answers, warmBytes, bytes } = await runFuzz({
    seed: values.seed,
    cases: Number(values.cases),
    firstCase: Number(values.first),
    clients: Number(values.clients),
    onProgress: (report) => process.stdout.write(`${report.cases} cases, ${megabytes(report.bytes)} MiB\n`),
  })
  const table = [...answers].toSorted((a, b) => b[1] - a[1]).map(([answer, count]) => `${answer} ${count}`)
  process.stdout.write(
    `${cases} cases, nothing found; ${megabytes(warmBytes)} MiB when warm, ${megabytes(bytes)} MiB at the end\n${table.join(', ')}\n`,
  )
} catch (error) {
  process.stdout.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  process.exitCode = 1
}
