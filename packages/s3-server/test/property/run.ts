// node packages/s3-server/test/property/run.ts [--operations N] [--clients N] [--seed TEXT] [--epoch N] [--power]
import { parseArgs } from 'node:util'
import { runProperty } from './run-property.ts'

const { values } = parseArgs({
  options: {
    operations: { type: 'string', default: '100000' },
    clients: { type: 'string', default: '16' },
    seed: { type: 'string', default: String(Date.now()) },
    power: { type: 'boolean', default: false },
    epoch: { type: 'string', default: '0' },
  },
})
const { seed, operations, clients, epoch, power } = values
process.stdout.write(`seed ${seed}, ${operations} operations, ${clients} clients\n`)
const started = performance.now()
try {
  const report = await runProperty({
    seed,
    operations: Number(operations),
    clients: Number(clients),
    firstEpoch: Number(epoch),
    losesPower: power,
    onEpoch: ({ operations: done, epochs, kills, undecided }) => {
      if (epochs % 20 === 0) process.stdout.write(`${done} operations, ${kills} kills, ${undecided} keys undecided\n`)
    },
  })
  const seconds = Math.round((performance.now() - started) / 1000)
  process.stdout.write(
    `no difference in ${report.operations} operations with ${report.kills} kills, ${report.undecided} keys undecided; ${seconds} s\n`,
  )
} catch (error) {
  process.stdout.write(
    `${error instanceof Error ? (error.name === 'Difference' ? error.message : error.stack) : String(error)}\n`,
  )
  process.exitCode = 1
}
