import type { SkyCrateClient } from '@skycrate/client/client'
import { SkyCrateError, type SkyCrateErrorCode } from '@skycrate/client/skycrate-error'
import type { PresignedUrl } from '@skycrate/contract/objects/schemas'
import { keyOf, type UploadJob } from './upload-job.ts'

/** URLs that the first request asks for, so that sending begins soon. */
const AT_FIRST = 100
/** URLs that one request asks for at most. */
const TOGETHER = 1_000
/** Bytes of the files of one request: even slow connections send them before their URLs end. */
const BYTES_TOGETHER = 100_000_000
/** With fewer URLs left, the next are asked for. */
const AHEAD = 200
/** Milliseconds before its end at which a URL is not used any more. */
const MARGIN = 60_000

/** URLs for files that go in one piece, asked for many at a time and before they are needed. */
export interface UrlBatches {
  /** @throws SkyCrateError; the signal's reason */
  urlFor(job: UploadJob, signal: AbortSignal): Promise<PresignedUrl>
  /** It was used, the store refused it, or the file goes elsewhere now. */
  drop(job: UploadJob): void
}

/** @param upcoming the files that come next, at most so many */
export function createUrlBatches(api: SkyCrateClient, upcoming: (limit: number) => UploadJob[]): UrlBatches {
  type Answer = PresignedUrl | { readonly problem: SkyCrateError }
  const answers = new Map<string, Promise<Answer>>()
  let asking = 0

  /** For the files that come next, up to so many. @param first one that can't wait */
  const askFor = (count: number, first: readonly UploadJob[]): void => {
    const together = [...first]
    let bytes = first.reduce((sum, { size }) => sum + size, 0)
    for (const job of upcoming(answers.size + count)) {
      if (answers.has(job.id) || first.includes(job)) continue
      bytes += job.size
      if (together.length === count || bytes > BYTES_TOGETHER) break
      together.push(job)
    }
    if (together.length > 0) ask(together)
  }
  const ask = (jobs: readonly UploadJob[]): void => {
    const batch = api
      .request('presignedUrls', {
        body: {
          requests: jobs.map((job) => ({
            bucket: job.bucket,
            key: keyOf(job),
            operation: 'put' as const,
            contentType: job.type,
            contentLength: job.size,
            ...(job.replace ? {} : { ifNoneMatch: '*' as const }),
          })),
        },
      })
      .then(({ results }) => results)
      .finally(() => (asking -= 1))
    asking += 1
    for (const [index, job] of jobs.entries()) {
      const answer = batch.then((results): Answer => {
        const result = results[index]
        if (result === undefined) throw new Error('there are fewer URLs than were asked for')
        if (!('problem' in result)) return result
        const { problem } = result
        return { problem: new SkyCrateError({ ...problem, code: problem.code as SkyCrateErrorCode }) }
      })
      answers.set(job.id, answer)
      // Where the request failed, the next try asks anew.
      answer.catch(() => answers.delete(job.id))
    }
  }

  return {
    async urlFor(job, signal) {
      for (;;) {
        signal.throwIfAborted()
        if (!answers.has(job.id)) {
          askFor(AT_FIRST, [job])
        }
        if (asking === 0 && answers.size < AHEAD) askFor(TOGETHER, [])
        const answer = await answers.get(job.id)
        if (answer === undefined) continue
        if ('problem' in answer) {
          answers.delete(job.id)
          throw answer.problem
        }
        if (Date.parse(answer.expiresAt) - Date.now() > MARGIN) return answer
        answers.delete(job.id)
      }
    },
    drop: (job) => void answers.delete(job.id),
  }
}
