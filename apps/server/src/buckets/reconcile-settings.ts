import type { FastifyBaseLogger } from 'fastify'
import type { Sql } from '../db/database.ts'
import { AppError } from '../errors/app-error.ts'
import type { BucketSetting } from '../stores/bucket-setting.ts'
import type { Store } from '../stores/store.ts'
import { type BucketRef, findSteps, recordStep, type StepRecord } from './bucket-records.ts'

/** Milliseconds after which a step that had failed is tried again. */
const RETRY_FAILED_MS = 3_600_000

export interface ReconcileOptions {
  readonly settings: readonly BucketSetting[]
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly store: Store
  readonly logger: FastifyBaseLogger
  readonly locked: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>
}

/**
 * Brings a bucket that is in use to what the configuration says by now (a new origin of the web app, say), and tries
 * failed steps again. What does not work now stays as it is: the home is good without.
 *
 * @returns the steps as they are afterwards
 */
export async function reconcileSettings(
  ref: BucketRef,
  steps: readonly StepRecord[],
  options: ReconcileOptions,
): Promise<StepRecord[]> {
  const { store, logger } = options
  const { bucket } = ref
  if (pending(steps, options).length === 0) return [...steps]
  try {
    return await options.locked(async (sql) => {
      for (const setting of pending(await findSteps(sql, ref), options)) {
        const outcome = await store.applySetting(bucket, setting)
        await recordStep(sql, ref, setting.kind, outcome, JSON.stringify(setting))
        logger.info({ bucket, step: setting.kind, ...outcome }, 'updated a setting of a bucket')
      }
      return findSteps(sql, ref)
    })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    logger.warn({ err: error, bucket }, 'could not update the settings of a bucket')
    return [...steps]
  }
}

function pending(steps: readonly StepRecord[], { settings, now }: ReconcileOptions): BucketSetting[] {
  const recorded = new Map(steps.map((step) => [step.step as string, step]))
  return settings.filter((setting) => {
    const step = recorded.get(setting.kind)
    if (step === undefined || step.setting !== JSON.stringify(setting)) return true
    return step.outcome === 'failed' && now - step.at.getTime() > RETRY_FAILED_MS
  })
}
