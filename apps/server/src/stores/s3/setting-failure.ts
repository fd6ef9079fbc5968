import type { StoreFailure } from './store-failure.ts'

/** S3's codes for "there is none", on reading a setting. */
export const NONE: ReadonlySet<string> = new Set([
  'NoSuchBucketPolicy',
  'NoSuchCORSConfiguration',
  'NoSuchLifecycleConfiguration',
  'NoSuchPublicAccessBlockConfiguration',
  'NoSuchTagSet',
  'NoSuchTagSetError',
  'OwnershipControlsNotFoundError',
  'ServerSideEncryptionConfigurationNotFoundError',
])

/** How stores other than AWS refuse what they do not know: as an argument of the plain call (Ceph among them). */
const TAKEN_FOR_ANOTHER_CALL = new Set(['InvalidArgument', 'InvalidRequest', 'MalformedXML'])

export function isUnsupported({ code, status }: StoreFailure, aws: boolean): boolean {
  if (status === 501 || code === 'NotImplemented') return true
  if (status === 405 || code === 'MethodNotAllowed') return true
  return !aws && status === 400 && TAKEN_FOR_ANOTHER_CALL.has(code)
}

/** Texts that the SDK puts where the store gave none. */
const SAYS_NOTHING = new Set(['', 'UnknownError'])

/** What the store said, for a person. */
export const reasonOf = ({ code, message, status }: StoreFailure): string =>
  `HTTP ${status ?? '?'} ${code}${SAYS_NOTHING.has(message) || message === code ? '' : `: ${message}`}`.slice(0, 500)
