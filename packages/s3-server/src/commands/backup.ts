import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { backupStore } from '../store/backup-store.ts'
import { UsageError } from './usage-error.ts'

export interface BackupCommandOptions {
  readonly dataDir: string
  readonly target: string
  readonly copy: boolean
}

/**
 * Copies a store, running or not. A key file that is kept elsewhere stays elsewhere. Resolves with the exit code: 0, or 1
 * when the store has lost something.
 *
 * @throws UsageError for a target that can't be one
 */
export const backup = async ({ dataDir, target, copy }: BackupCommandOptions): Promise<number> => {
  if (
    `${resolve(target)}/`.startsWith(`${resolve(dataDir)}/`) ||
    `${resolve(dataDir)}/`.startsWith(`${resolve(target)}/`)
  ) {
    throw new UsageError('the backup must lie outside of the data directory')
  }
  const keyFile = join(dataDir, 'keys.json')
  const { blobs, bytes, lost } = await backupStore({
    dataDir,
    target,
    copy,
    keyFile: existsSync(keyFile) ? keyFile : undefined,
  })
  process.stdout.write(`${blobs} blobs, ${bytes} bytes in ${target}\n`)
  for (const id of lost) process.stderr.write(`blob ${id} is missing; check tells what uses it\n`)
  return lost.length === 0 ? 0 : 1
}
