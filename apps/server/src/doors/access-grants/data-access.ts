import { S3ControlError } from '@skycrate/aws-wire/s3-control'
import { element, type XmlElement } from '@skycrate/aws-wire/write-xml'
import type { Action } from '@skycrate/core/access/operation'
import { boundOfKeys } from '@skycrate/core/access/policy-bound'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import type { SessionCaller } from '../../identity/session-keys.ts'
import type { DoorUse } from '../door.ts'
import type { GrantQuery } from './grant-query.ts'
import {
  ACTIONS_OF,
  allowedAt,
  covers,
  foldersOf,
  type GrantPermission,
  grantOf,
  readGrantPermission,
  readTarget,
} from './target.ts'

/** What has to be allowed; of reading and listing one is enough. */
const REQUIRED: Readonly<Record<GrantPermission, readonly Action[]>> = {
  READ: [],
  WRITE: ['write'],
  READWRITE: ['write'],
}

/**
 * Credentials for a target: with privilege Minimal for it alone, else for the highest folder above it where the caller has
 * as much.
 *
 * @throws S3ControlError, AppError
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_GetDataAccess.html
 */
export async function getDataAccess(
  { sessions, permissionCache, now }: DoorUse,
  caller: SessionCaller,
  query: GrantQuery,
  origin: RequestOrigin,
): Promise<XmlElement[]> {
  const { bucket, text, open } = readTarget(query.get('target'))
  const permission = readGrantPermission(query.get('permission'))
  const isMinimal = readPrivilege(query.get('privilege')) === 'Minimal'
  const type = query.get('targetType')
  if (type !== undefined && (type !== 'Object' || open)) {
    throw new S3ControlError('InvalidRequest', 'targetType has to be Object, and its target a key.')
  }
  const durationSeconds = readDuration(query.get('durationSeconds'))

  const set = await permissionCache.permissionsOf(caller)
  const folders = foldersOf(text)
  const granted = folders.find((folder) => covers(grantOf(allowedAt(set, bucket, folder, now())), permission))
  const folder = folders.at(-1)!
  // Without a grant at the folder that it lies in: so that the refusal names that, and is recorded.
  const prefix = granted === undefined || isMinimal ? folder : granted
  const isReading = permission === 'READWRITE' && granted === undefined
  const session = await sessions.create(
    caller,
    {
      location: { bucket, prefix },
      actions: ACTIONS_OF[permission],
      required: isReading ? ['write', 'read'] : REQUIRED[permission],
      bound: isMinimal && !(open && text === folder) ? boundOfKeys(bucket, { text, open }) : undefined,
      durationSeconds,
    },
    origin,
  )
  return [
    element('Credentials', [
      element('AccessKeyId', session.accessKeyId),
      element('SecretAccessKey', session.secretAccessKey),
      element('SessionToken', session.sessionToken),
      element('Expiration', `${new Date(session.expiresAt).toISOString().slice(0, 19)}Z`),
    ]),
    element('MatchedGrantTarget', isMinimal ? `s3://${bucket}/${text}${open ? '*' : ''}` : `s3://${bucket}/${prefix}*`),
    element('Grantee', [element('GranteeType', 'DIRECTORY_USER'), element('GranteeIdentifier', caller.userId)]),
  ]
}

/** @throws S3ControlError InvalidRequest */
function readPrivilege(value: string | undefined): 'Minimal' | 'Default' {
  if (value === 'Minimal') return value
  if (value === undefined || value === 'Default') return 'Default'
  throw new S3ControlError('InvalidRequest', 'The privilege has to be Minimal or Default.')
}

/** @throws S3ControlError InvalidRequest */
function readDuration(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) : 0
  if (seconds >= 900 && seconds <= 43_200) return seconds
  throw new S3ControlError('InvalidRequest', 'durationSeconds has to be 900 to 43200.')
}
