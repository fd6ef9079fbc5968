import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { UploadJob } from './upload-job.ts'

/** Milliseconds: the first wait, which doubles from try to try, and the longest. */
const FIRST_WAIT = 500
const LONGEST_WAIT = 15_000
/** Tries that the store or the server may refuse, or leave without an answer while it answers others. */
const TRIES = 20

/** What passes by itself, and what a person has to do. */
type Failure = 'connection' | 'sign-in' | 'lasting'

export function failureOf(error: unknown): Failure {
  if (!(error instanceof SkyCrateError)) return 'lasting'
  const { code, status } = error
  if (code === 'unreachable') return 'connection'
  if (status === 401) return 'sign-in'
  if (code === 'transfer-failed' && status === 0) return 'connection'
  return status === 408 || status === 429 || status >= 500 ? 'connection' : 'lasting'
}

/** Tries again what fails for a while: uploads outlive a lost network, a restarted server and an ended session. */
export interface Patience {
  /**
   * Repeats an attempt until it succeeds, fails for good, or has failed too often while the server answered.
   * @throws the attempt's error; the signal's reason
   */
  keepTrying<T>(job: UploadJob, signal: AbortSignal, attempt: (signal: AbortSignal) => Promise<T>): Promise<T>
  /** Ends all waits: the server answers again, or somebody signed in. */
  wake(): void
}

/**
 * @param isAway whether nothing can be reached at all: then tries do not count
 * @param onChange called when a job begins or ends to wait
 * @param after calls back after so many milliseconds
 */
export function createPatience(
  isAway: () => boolean,
  onChange: (job: UploadJob) => void,
  after: (end: () => void, ms: number) => ReturnType<typeof setTimeout> | undefined = (end, ms) => setTimeout(end, ms),
): Patience {
  const sleepers = new Set<() => void>()

  const sleep = (ms: number | undefined, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const timer = ms === undefined ? undefined : after(() => end(), ms)
      const end = (): void => {
        clearTimeout(timer)
        sleepers.delete(end)
        signal.removeEventListener('abort', end)
        resolve()
      }
      sleepers.add(end)
      signal.addEventListener('abort', end, { once: true })
    })

  const setWaiting = (job: UploadJob, waitsFor: UploadJob['waitsFor']): void => {
    if (job.waitsFor === waitsFor) return
    job.waitsFor = waitsFor
    onChange(job)
  }

  return {
    async keepTrying(job, signal, attempt) {
      for (let tries = 1, wait = FIRST_WAIT; ; wait = Math.min(wait * 2, LONGEST_WAIT)) {
        signal.throwIfAborted()
        try {
          const result = await attempt(signal)
          setWaiting(job, undefined)
          return result
        } catch (error) {
          signal.throwIfAborted()
          const failure = failureOf(error)
          if (failure === 'lasting') throw error
          if (failure === 'connection' && !isAway() && (tries += 1) > TRIES) throw error
          setWaiting(job, failure)
          // Not all at the same moment.
          await sleep(failure === 'sign-in' ? undefined : wait * (0.75 + Math.random() / 2), signal)
        }
      }
    },
    wake() {
      for (const end of sleepers) end()
    },
  }
}
