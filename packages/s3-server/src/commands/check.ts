import { checkStore } from '../store/check-store.ts'
import { openClosedStore } from '../store/closed-store.ts'
import { reportFindings } from './report-findings.ts'

export interface CheckOptions {
  readonly dataDir: string
  readonly keyFile: string | undefined
  readonly deep: boolean
}

/** Looks a stopped store over. Resolves with the exit code: 0 when all is well (files of a crash apart), else 1. */
export const check = async ({ dataDir, keyFile, deep }: CheckOptions): Promise<number> => {
  await using store = await openClosedStore(dataDir, keyFile)
  const { findings, blobs, bytes } = await checkStore(store, deep)
  process.stdout.write(reportFindings(store, findings))
  const wrong = findings.filter(({ kind }) => kind !== 'orphan').length
  process.stdout.write(
    `${blobs} blobs, ${bytes} bytes${deep ? ', every byte read' : ', sizes only'}; ${wrong} damages\n`,
  )
  return wrong === 0 ? 0 : 1
}
