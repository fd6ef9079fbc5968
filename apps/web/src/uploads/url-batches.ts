import type { SkyCrateClient } from '@skycrate/client/client'
import { SkyCrateError, type SkyCrateErrorCode } from '@skycrate/client/skycrate-error'
import type { PresignedUrl } from '@skycrate/contract/objects/schemas'
import { keyOf, type UploadJob } from './upload-job.ts'

/** URLs that one request asks for. */
const TOGETHER = 100
/** Milliseconds before its end at which a URL is not used any more. */
const MARGIN = 60_000

/** URLs for files that go in one piece, asked for a hundred at a time. */
export interface UrlBatches {
  /** @throws SkyCrateError; the signal's reason */
  urlFor(job: UploadJob, signal: AbortSignal): Promise<PresignedUrl>
  /** The store refused it, or the file goes elsewhere now. */
  drop(job: UploadJob): void
}

/** @param upcoming the files that come next, at most so many */
export function createUrlBatches(api: SkyCrateClient, upcoming: (limit: number) => UploadJob[]): UrlBatches {
  type Answer = PresignedUrl | { readonly problem: SkyCrateError }
  const answers = new Map<string, Promise<Answer>>()

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
          const others = upcoming(TOGETHER).filter((each) => each !== job && !answers.has(each.id))
          ask([job, ...others.slice(0, TOGETHER - 1)])
        }
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
