import type { NewPermission } from '@skycrate/core/access/levels'
import { ACTION_BIT } from '@skycrate/core/access/operation'
import { hasVariable, parsePattern, USER_EMAIL_VARIABLE, USER_ID_VARIABLE } from '@skycrate/core/access/variables'
import { parseBucketName } from '@skycrate/core/naming/bucket'
import type { BucketAdmin } from '../stores/bucket-admin.ts'
import { AppError } from '../errors/app-error.ts'

export interface Mistake {
  /** Of the request's body, such as `/prefix`. */
  readonly path: string
  readonly message: string
}

/** Milliseconds since the epoch: the end of the last year that ISO 8601 writes with four digits. */
const LAST_EXPIRY_MS = Date.UTC(10_000, 0) - 1

/** Everything about a permission that cannot mean what it says, as far as it can be seen without looking anywhere. */
export function checkPermission(
  permission: NewPermission,
  rules: { readonly guestWrites: boolean; readonly now: number },
): Mistake[] {
  const { principal, bucket, prefix, actions, expiresAt } = permission
  const mistakes: Mistake[] = []
  if (!parseBucketName(bucket)) mistakes.push({ path: '/bucket', message: 'is not a bucket name' })
  const verdict = parsePattern(prefix)
  if (!verdict.ok && verdict.problem === 'unknown-variable') {
    const known = `${USER_ID_VARIABLE} and ${USER_EMAIL_VARIABLE}`
    mistakes.push({ path: '/prefix', message: `has the unknown variable ${verdict.variable}; there are ${known}` })
  } else if (!verdict.ok) {
    mistakes.push({ path: '/prefix', message: `must be '' or a folder that ends in '/' (${verdict.problem})` })
  } else if (principal.kind === 'guest' && hasVariable(prefix)) {
    mistakes.push({ path: '/prefix', message: 'has a variable, but a guest has neither id nor e-mail address' })
  }
  const writes = (actions & (ACTION_BIT.write | ACTION_BIT.delete)) !== 0
  if (principal.kind === 'guest' && writes && !rules.guestWrites) {
    mistakes.push({ path: '/actions', message: 'guests may only read and list here' })
  }
  if (expiresAt !== undefined && !(expiresAt >= 0 && expiresAt <= LAST_EXPIRY_MS)) {
    mistakes.push({ path: '/expiresAt', message: 'must be in the years 1970 to 9999' })
  } else if (expiresAt !== undefined && expiresAt <= rules.now) {
    mistakes.push({ path: '/expiresAt', message: 'is in the past' })
  }
  return mistakes
}

/**
 * Why a bucket can't be given access to; undefined when the store has it and lets SkyCrate in.
 * @throws AppError `store-unavailable`, `store-refused`
 */
export async function bucketProblem(store: BucketAdmin, bucket: string): Promise<AppError | undefined> {
  const { presence } = await store.findBucket(bucket)
  switch (presence) {
    case 'owned':
      return undefined
    case 'absent':
      return new AppError('bucket-missing', `The store has no bucket ${bucket}. Create it first, then try again.`)
    case 'forbidden':
      return new AppError('store-refused', `The store does not let SkyCrate use the bucket ${bucket}.`)
  }
}
