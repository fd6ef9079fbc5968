import type { PresignedPosts } from '../../vending/presigned-post.ts'
import type { PresignedUrls } from '../../vending/presigned-url.ts'
import type { Uploads } from '../../vending/uploads.ts'
import type { HandlersOf } from '../route.ts'
import { settled } from '../settled.ts'
import { asPlainJson } from '../plain-json.ts'

export function uploadsHandlers(use: {
  readonly presignedUrls: PresignedUrls
  readonly presignedPosts: PresignedPosts
  readonly uploads: Uploads
}): HandlersOf<
  | 'presignedUrls'
  | 'presignedPost'
  | 'createUpload'
  | 'signParts'
  | 'uploadedParts'
  | 'completeUpload'
  | 'confirmUpload'
  | 'abortUpload'
> {
  const { presignedUrls, presignedPosts, uploads } = use
  return {
    presignedUrls: async ({ who, body, origin, request, reply }) => {
      const results = settled(await presignedUrls.vendEach(who, body.requests, origin), request)
      // Fastify's own would try each result on the schemas of both of its forms.
      asPlainJson(reply)
      return { results }
    },
    presignedPost: ({ who, body, origin }) => presignedPosts.vend(who, body, origin),
    createUpload: ({ who, body, origin }) => uploads.create(who, body, origin),
    signParts: ({ who, body, origin }) => uploads.signParts(who, body, origin),
    uploadedParts: ({ who, query, origin }) => uploads.parts(who, query, origin),
    completeUpload: ({ who, body, origin }) => uploads.complete(who, body, origin),
    confirmUpload: ({ who, body, origin }) => uploads.confirm(who, body, origin),
    abortUpload: ({ who, query, origin }) => uploads.abort(who, query, origin),
  }
}
