import { S3ControlError } from '@skycrate/aws-wire/s3-control'
import { element, optionalElement, type XmlElement } from '@skycrate/aws-wire/write-xml'
import { locationsOf } from '@skycrate/core/access/locations'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import type { SessionCaller } from '../../identity/session-keys.ts'
import type { DoorUse } from '../door.ts'
import { type GrantQuery, readMaxResults } from './grant-query.ts'
import { allowedAt, grantOf } from './target.ts'

/**
 * The caller's locations as grants.
 * @throws S3ControlError, AppError
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListCallerAccessGrants.html
 */
export async function listCallerAccessGrants(
  { permissionCache, now }: DoorUse,
  caller: SessionCaller,
  query: GrantQuery,
): Promise<XmlElement[]> {
  const limit = readMaxResults(query)
  const beginning = (query.get('grantscope') ?? '').replace(/\*$/, '')
  const after = readToken(query.get('nextToken'))
  const set = await permissionCache.permissionsOf(caller)
  const time = now()
  const matching = locationsOf(set, time)
    .filter(({ store }) => store === DEFAULT_STORE)
    .map(({ bucket, prefix }) => ({ bucket, prefix, path: `s3://${bucket}/${prefix}` }))
    .filter(({ path }) => path.startsWith(beginning) && path > after)
    .toSorted((one, other) => (one.path < other.path ? -1 : 1))
  const page: XmlElement[] = []
  let last: string | undefined
  let isMore = false
  for (const { bucket, prefix, path } of matching) {
    const permission = grantOf(allowedAt(set, bucket, prefix, time))
    // No grant is for deleting alone.
    if (permission === undefined) continue
    if (page.length === limit) {
      isMore = true
      break
    }
    last = path
    page.push(
      element('AccessGrant', [
        element('Permission', permission),
        element('GrantScope', `${path}*`),
        element('ApplicationArn', 'ALL'),
      ]),
    )
  }
  const nextToken = isMore && last !== undefined ? Buffer.from(last).toString('base64url') : undefined
  return [optionalElement('NextToken', nextToken), element('CallerAccessGrantsList', page)].filter(
    (each) => each !== undefined,
  )
}

/** @throws S3ControlError InvalidRequest */
function readToken(token: string | undefined): string {
  if (token === undefined) return ''
  const path = Buffer.from(token, 'base64url').toString()
  if (path.startsWith('s3://')) return path
  throw new S3ControlError('InvalidRequest', 'nextToken is none that was given out here.')
}
