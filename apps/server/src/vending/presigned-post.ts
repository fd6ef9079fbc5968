import type { PostForm, PostRequest } from '@skycrate/contract/uploads/schemas'
import type { Caller } from '@skycrate/core/access/permission'
import { DEFAULT_STORE, type StoreId } from '@skycrate/core/naming/store'
import { type Gate, requireKey } from '../access/gate.ts'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { AppError } from '../errors/app-error.ts'
import type { UrlSigner } from '../stores/url-signer.ts'
import type { Meter } from '../quotas/meter.ts'
import { lifetimeEnd, lifetimeOf } from './lifetime.ts'

export interface PresignedPosts {
  /**
   * A form for one object, whose size the store limits.
   * @throws AppError `invalid-key`, `forbidden`, `bucket-missing`, `store-unavailable`, `audit-unavailable`,
   * `database-unavailable`
   */
  vend(caller: Caller, request: PostRequest, origin: RequestOrigin): Promise<PostForm>
}

export function createPresignedPosts(options: {
  readonly gate: Gate
  readonly meter: Meter
  readonly signerOf: (store: StoreId) => UrlSigner
  readonly now: () => number
}): PresignedPosts {
  const { gate, meter, signerOf, now } = options
  return {
    async vend(caller, request, origin) {
      const { bucket, maxSize, contentType } = request
      const key = requireKey(request.key)
      if (key.includes('${filename}')) {
        throw new AppError('invalid-key', 'A form replaces ${filename} in a key. Use a presigned URL for this key.')
      }
      const operation = { action: 'write', store: DEFAULT_STORE, bucket, key } as const
      return gate.vend(caller, operation, 'object.put', origin, async (passage) => {
        let until = lifetimeEnd(request.expiresIn, passage.expiresAt, now())
        if (meter.isOn()) until = await meter.reserve(operation, maxSize, until)
        const signing = await signerOf(operation.store).signingFor(bucket)
        const time = now()
        const form = signing.postForm({
          bucket,
          key,
          contentLength: { min: 0, max: maxSize },
          ...(contentType !== undefined && { contentType }),
          expiresIn: lifetimeOf(request.expiresIn, Math.min(until, signing.endsAt), time),
          now: time,
        })
        const expiresAt = new Date(form.expiresAt).toISOString()
        return {
          release: () => ({ url: form.url, fields: form.fields, expiresAt }),
          detail: { expiresAt, maxSize, ...(contentType !== undefined && { contentType }) },
        }
      })
    },
  }
}
