import { ACTION_BIT } from '@skycrate/core/access/operation'
import { compileSessionPolicy } from '@skycrate/core/access/session-policy'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import { AppError } from '../errors/app-error.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import { bad, good, messageOf, skipped, type Verdict, warning } from './finding.ts'
import type { Opened, Scratch, StoreCheckOptions } from './store-check-options.ts'
import { expect, request, TEXT, URL_SECONDS } from './store-request.ts'

const SESSION_SECONDS = 900

/** Credentials for the scratch prefix: they must reach into it, and nowhere else. */
export async function tryCredentials(
  { issuer }: Opened,
  { bucket, prefix }: Scratch,
  target: StoreTarget,
  { now }: StoreCheckOptions,
): Promise<Verdict> {
  const inside = `${prefix}inside/`
  const compiled = compileSessionPolicy([
    {
      store: DEFAULT_STORE,
      bucket,
      prefix: inside,
      actions: ACTION_BIT.read | ACTION_BIT.write,
      expiresAt: Number.POSITIVE_INFINITY,
    },
  ])
  if (compiled.outcome !== 'compiled') return skipped('The scratch prefix is too long for a session policy.')
  let issued
  try {
    issued = await issuer.issue({
      policy: compiled.policy,
      sessionName: 'skycrate-doctor',
      durationSeconds: SESSION_SECONDS,
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'credentials-unsupported') {
      return warning(
        `${error.detail ?? 'The store issues none.'} AWS CLI, SDKs and rclone can't be used with a sign-in.`,
        'Set S3_ROLE_ARN to a role that SkyCrate may assume, or accept that.',
      )
    }
    return bad(
      `The role can't be assumed: ${messageOf(error)}.`,
      'Let the role trust SkyCrate’s own role, and allow sts:AssumeRole on it.',
    )
  }
  const place = issuer.placeOf(bucket)
  const presigner = createPresigner({ ...place, addressing: target.addressing, credentials: issued })
  const put = (key: string) => {
    const { url } = presigner.presign({ method: 'PUT', bucket, key, expiresIn: URL_SECONDS, now: now() })
    return request(url, { method: 'PUT', body: TEXT })
  }
  const allowed = await put(`${inside}a.txt`)
  if (allowed.status !== 200) {
    return expect(allowed, 200, 'An upload with temporary credentials', 'Allow the role s3:PutObject on the bucket.')
  }
  const outside = `${prefix}outside.txt`
  const refusal = await put(outside)
  if (refusal.status === 403) return good('Temporary credentials reach into their prefix, and nowhere else.')
  return bad(
    `The store answered ${refusal.status} to an upload outside the prefix: it does not hold credentials to their policy.`,
    'Unset S3_ROLE_ARN: with this store, temporary credentials would give away everything.',
  )
}
