import { type BucketName, parseBucketName } from '@skycrate/core/naming/bucket'
import type { UserId } from '@skycrate/core/naming/id'

/**
 * The name to try for a user's bucket: `skycrate-{user id}-{timestamp}`, from the second try on with a random end, so
 * that who foresees one name cannot foresee the next.
 *
 * @param tries how many names were tried for this user before
 * @param now milliseconds since the epoch
 * @param random at least 3 bytes of randomness
 * @throws RangeError where the prefix is too long or no start of a bucket's name
 */
export function bucketCandidate(
  prefix: string,
  userId: UserId,
  tries: number,
  now: number,
  random: Uint8Array,
): BucketName {
  const suffix = tries === 0 ? '' : `-${Buffer.from(random.subarray(0, 3)).toString('hex')}`
  const name = parseBucketName(`${prefix}-${userId.slice('usr_'.length)}-${now}${suffix}`)
  if (name === undefined) throw new RangeError(`no bucket can be named ${prefix}-…: at most 15 of a-z, 0-9 and -`)
  return name
}
