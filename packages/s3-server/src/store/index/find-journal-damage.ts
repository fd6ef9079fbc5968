import { listBases } from './base-file.ts'
import { Journal } from './journal.ts'
import { JournalDamageError } from './journal-segment.ts'

/** Reads the journal from its base to its end. Says what is wrong with it; undefined when all of it can be read. */
export const findJournalDamage = async (directory: string): Promise<string | undefined> => {
  const [base] = await listBases(directory)
  const gap = (await Journal.gapAt(directory)) ?? 0
  // A gap that no base spans yet is closed by the next start, which makes one.
  const from = Math.max(base?.position ?? 0, gap)
  try {
    for await (const _entry of Journal.replay(directory, from)) void _entry
    return undefined
  } catch (error) {
    if (error instanceof JournalDamageError) return error.message
    throw error
  }
}
