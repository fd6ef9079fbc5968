import { openClosedStore } from '../store/closed-store.ts'
import { repairStore } from '../store/repair-store.ts'
import type { CheckOptions } from './check.ts'
import { reportDropped, reportFindings } from './report-findings.ts'

export interface RepairCommandOptions extends CheckOptions {
  readonly dropDamaged: boolean
}

/** Repairs a stopped store. Resolves with the exit code: 0 when nothing is left wrong, else 1. */
export const repair = async ({ dataDir, keyFile, deep, dropDamaged }: RepairCommandOptions): Promise<number> => {
  await using store = await openClosedStore(dataDir, keyFile)
  const { before, left, dropped } = await repairStore(store, { deep, dropDamaged })
  process.stdout.write(reportDropped(dropped) + reportFindings(store, left))
  process.stdout.write(`${before.findings.length} found, ${left.length} left\n`)
  return left.length === 0 ? 0 : 1
}
