import type { PostPolicyForm, PostPolicyOptions } from '@skycrate/core/sigv4/post-policy'
import type { Presigner } from '@skycrate/core/sigv4/presign'

/** A presigner, and when the credentials it signs with end (milliseconds since the epoch, or Infinity). */
export interface Signing {
  readonly presigner: Presigner
  /** A form that uploads one object. @throws RangeError as `createPostPolicy` does */
  postForm(
    request: Omit<PostPolicyOptions, 'endpoint' | 'region' | 'credentials' | 'addressing' | 'keys'>,
  ): PostPolicyForm
  readonly endsAt: number
}

/** Signs URLs that clients use without SkyCrate. */
export interface UrlSigner {
  /**
   * What signs for a bucket, in the region where it is. At once while the credentials are held.
   * @throws AppError `store-unavailable` when no credentials can be had
   */
  signingFor(bucket: string): Signing | Promise<Signing>
}
