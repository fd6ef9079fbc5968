import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import { AppError } from '../errors/app-error.ts'
import type { BucketAdmin } from '../stores/bucket-admin.ts'
import { type Aim, AIMS, settingFor } from './bucket-aims.ts'
import type { BucketRecord, StepRecord } from './bucket-records.ts'
import type { BucketsConfig } from './buckets-config.ts'

type AimState = BucketDetail['settings'][number]

/** What the store has for each aim, beside what it should have. Never fails: what can't be told is `unknown`. */
export async function inspectSettings(
  record: BucketRecord,
  steps: readonly StepRecord[],
  store: BucketAdmin,
  config: BucketsConfig,
): Promise<AimState[]> {
  const states = AIMS.map((aim) => inspectAim(aim, record, steps, store, config))
  return (await Promise.all(states)).filter((state) => state !== undefined)
}

async function inspectAim(
  aim: Aim,
  record: BucketRecord,
  steps: readonly StepRecord[],
  store: BucketAdmin,
  config: BucketsConfig,
): Promise<AimState | undefined> {
  const setting = settingFor(aim, record, config)
  if (setting === undefined) {
    if (aim !== 'tls-only') return undefined
    const reason = 'The store is reached over http, so requests without TLS cannot be denied.'
    return { aim, state: 'unsupported', found: null, reason }
  }
  try {
    const inspection = await store.inspectSetting(record.bucket, setting)
    if (inspection.outcome !== 'read') {
      return { aim, state: inspection.outcome, found: null, reason: inspection.reason }
    }
    const { state, found } = inspection
    if (state === 'as-wanted') return { aim, state: 'met', found, reason: null }
    // What the store could not do when it was applied, it still can't.
    const step = steps.find((each) => each.step === setting.kind)
    if (step?.outcome === 'unsupported') return { aim, state: 'unsupported', found, reason: step.reason }
    const reason = state === 'absent' ? 'It is not set.' : 'It is set to something else.'
    return { aim, state: 'unmet', found, reason }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { aim, state: 'unknown', found: null, reason: reasonOf(error) }
  }
}

/** What the store said, without what only the log is for. */
export function reasonOf(error: AppError): string {
  return error.cause instanceof Error ? error.cause.message : (error.detail ?? error.code)
}
