import { timingSafeEqual } from 'node:crypto'
import { parseAmzDate } from './amz-date.ts'
import { ALGORITHM, signText } from './canonical.ts'
import { parseCredential } from './credential-scope.ts'
import type { PostForm } from './post-policy.ts'
import { deriveSigningKey } from './signing-key.ts'
import { sameToken } from './token.ts'
import { isSignature } from './verify-claim.ts'
import { refuse, type VerifyRefusal } from './verify-refusal.ts'
import type { VerifyOptions } from './verify.ts'

export type PostVerdict =
  | {
      readonly outcome: 'verified'
      readonly accessKeyId: string
      /** The signed policy, base64 as it came: for `parsePostPolicy`. */
      readonly policy: string
    }
  | { readonly outcome: 'anonymous' }
  | VerifyRefusal

const FIFTEEN_MINUTES = 15 * 60 * 1000
const SEVEN_DAYS = 7 * 24 * 60 * 60 * 1000

/**
 * Whether a form's policy is signed by someone known. Whether the form keeps to its policy, and whether the policy has
 * expired, is `checkPostPolicy`'s question.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html
 */
export function verifyPostForm(form: PostForm, options: VerifyOptions): PostVerdict {
  const policy = form.get('policy')
  const signature = form.get('x-amz-signature')
  if (form.has('awsaccesskeyid')) return refuse('signature-version-unsupported')
  if (policy === undefined && signature === undefined) return { outcome: 'anonymous' }

  const algorithm = form.get('x-amz-algorithm')
  const credentialText = form.get('x-amz-credential')
  const amzDate = form.get('x-amz-date')
  if (
    policy === undefined ||
    signature === undefined ||
    algorithm === undefined ||
    credentialText === undefined ||
    amzDate === undefined
  ) {
    return refuse('form-fields-missing')
  }
  if (algorithm !== ALGORITHM) return refuse('form-algorithm-unsupported')
  const signedAt = parseAmzDate(amzDate)
  if (signedAt === undefined) return refuse('form-date-malformed')
  const credential = parseCredential(credentialText)
  if (
    credential === undefined ||
    credential.region !== options.region ||
    credential.service !== options.service ||
    credential.day !== amzDate.slice(0, 8)
  ) {
    return refuse('form-credential-malformed')
  }
  if (signedAt > options.now + (options.maxSkewMs ?? FIFTEEN_MINUTES)) return refuse('not-yet-valid')
  // A signing key lives for seven days, whatever expiration the policy asks for.
  if (options.now >= signedAt + SEVEN_DAYS) return refuse('expired')

  const sessionToken = form.get('x-amz-security-token')
  const known = options.lookup(credential.accessKeyId, sessionToken)
  if (known === undefined) return refuse('access-key-unknown')
  if (!sameToken(known.sessionToken, sessionToken)) return refuse('token-invalid')
  const { day, region, service } = credential
  const key =
    options.keys?.get(known.secretAccessKey, day, region, service) ??
    deriveSigningKey(known.secretAccessKey, day, region, service)
  const expected = signText(key, policy)
  if (!isSignature(signature) || !timingSafeEqual(Buffer.from(expected), Buffer.from(signature))) {
    return refuse('signature-mismatch')
  }
  if (known.expiresAt !== undefined && options.now >= known.expiresAt) return refuse('token-expired')
  return { outcome: 'verified', accessKeyId: credential.accessKeyId, policy }
}
