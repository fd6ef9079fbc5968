import type { SkyCrateClient } from '@skycrate/client/client'
import type { Job } from '@skycrate/contract/jobs/schemas'
import { isUnderWay } from './job-queries.ts'

/** Milliseconds between the first two looks, and between two looks at most. */
const FIRST_MS = 200
const MOST_MS = 3000

/** Looks at a job, ever less often, until it has ended. @returns it as it ended */
export async function whenEnded(api: SkyCrateClient, id: string): Promise<Job> {
  for (let pause = FIRST_MS; ; pause = Math.min(pause * 1.5, MOST_MS)) {
    const job = await api.job(id)
    if (!isUnderWay(job)) return job
    await new Promise((resolve) => setTimeout(resolve, pause))
  }
}

/** Why a job that has ended did not do what it was asked for; undefined where it did. */
export const failureOf = ({ state, problem }: Job): string | undefined =>
  state === 'done' ? undefined : state === 'cancelled' ? 'It was cancelled.' : (problem?.detail ?? problem?.title ?? '')
