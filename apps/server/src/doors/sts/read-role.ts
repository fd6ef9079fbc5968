import { StsError } from '@skycrate/aws-wire/sts-error'
import { parseBucketName } from '@skycrate/core/naming/bucket'
import { parsePrefix } from '@skycrate/core/naming/prefix'

/** What a role ARN asks for. */
export type Role =
  /** All that the caller has: of any role that is not SkyCrate's, since permissions decide and roles do not. */
  | { readonly kind: 'everything' }
  /** `arn:skycrate:iam:::location/BUCKET/FOLDER/` */
  | { readonly kind: 'location'; readonly bucket: string; readonly prefix: string }
  /** `arn:skycrate:iam:::identity`: to sign requests to SkyCrate, and for no store. */
  | { readonly kind: 'identity' }

const OURS = /^arn:skycrate:iam::(?:\d*:)?(?:(identity)|location\/([^/]*)(?:\/(.*))?)$/s

/** @throws StsError ValidationError for an ARN of SkyCrate that names nothing: it would give more than was meant */
export function readRole(arn: string | undefined): Role {
  if (arn === undefined || !arn.startsWith('arn:skycrate:')) return { kind: 'everything' }
  const [whole, identity, bucket = '', prefix = ''] = OURS.exec(arn) ?? []
  if (whole !== undefined && identity !== undefined) return { kind: 'identity' }
  if (whole !== undefined && parseBucketName(bucket) && parsePrefix(prefix).ok) {
    return { kind: 'location', bucket, prefix }
  }
  throw new StsError(
    'ValidationError',
    'RoleArn has to be arn:skycrate:iam:::location/BUCKET/FOLDER/ with a / at the end, arn:skycrate:iam:::identity, or a role of any other kind.',
  )
}
