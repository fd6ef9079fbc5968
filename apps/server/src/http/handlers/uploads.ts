import type { PresignBatchResult } from '@skycrate/contract/uploads/schemas'
import { PROBLEMS } from '@skycrate/contract/problem'
import { AppError } from '../../errors/app-error.ts'
import type { PresignedPosts } from '../../vending/presigned-post.ts'
import type { PresignedUrls } from '../../vending/presigned-url.ts'
import type { Uploads } from '../../vending/uploads.ts'
import { problemOf } from '../problems.ts'
import type { HandlersOf } from '../route.ts'

export function uploadsHandlers(use: {
  readonly presignedUrls: PresignedUrls
  readonly presignedPosts: PresignedPosts
  readonly uploads: Uploads
}): HandlersOf<
  'presignedUrls' | 'presignedPost' | 'createUpload' | 'signParts' | 'uploadedParts' | 'completeUpload' | 'abortUpload'
> {
  const { presignedUrls, presignedPosts, uploads } = use
  return {
    presignedUrls: async ({ who, body, origin, request }) => {
      // Decided on in one turn, so that their events share one commit.
      const settled = await Promise.allSettled(body.requests.map((each) => presignedUrls.vend(who, each, origin)))
      const results: PresignBatchResult['results'] = []
      for (const each of settled) {
        // A log that can't be written or a database that is down is no answer to one of them, but to all.
        if (each.status === 'rejected' && concernsAll(each.reason)) throw each.reason
        results.push(each.status === 'fulfilled' ? each.value : { problem: problemOf(each.reason, request) })
      }
      return { results }
    },
    presignedPost: ({ who, body, origin }) => presignedPosts.vend(who, body, origin),
    createUpload: ({ who, body, origin }) => uploads.create(who, body, origin),
    signParts: ({ who, body, origin }) => uploads.signParts(who, body, origin),
    uploadedParts: ({ who, query, origin }) => uploads.parts(who, query, origin),
    completeUpload: ({ who, body, origin }) => uploads.complete(who, body, origin),
    abortUpload: ({ who, query, origin }) => uploads.abort(who, query, origin),
  }
}

function concernsAll(error: unknown): boolean {
  return error instanceof AppError && (PROBLEMS[error.code].status >= 500 || error.code === 'too-many-requests')
}
