import {
  childrenOf,
  optionalText,
  readXml,
  requiredChild,
  requiredText,
  type XmlNode,
} from '@skycrate/aws-wire/read-xml'
import { S3ControlError } from '@skycrate/aws-wire/s3-control'
import { element, optionalElement, type XmlElement } from '@skycrate/aws-wire/write-xml'
import { NewPermission, type Permission } from '@skycrate/contract/permissions/schemas'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { Compile } from 'typebox/compile'
import type { Permissions } from '../../access/permissions.ts'
import type { Author } from '../../access/record-change.ts'
import { ACCOUNT_ID } from '../door.ts'
import { type GrantQuery, readMaxResults } from './grant-query.ts'
import { ACTIONS_OF, grantOf, readGrantPermission } from './target.ts'

const validator = Compile(NewPermission)

/** The one location: the whole store. */
export const LOCATION_ID = 'default'
export const ROLE_ARN = `arn:aws:iam::${ACCOUNT_ID}:role/skycrate`

const EVERYONE = 'arn:skycrate:iam:::everyone'
const GUEST = 'arn:skycrate:iam:::guest'
/** Between an issuer and the name of one of its groups. */
const ISSUER_END = '|'

type Principal = Permission['principal']

export const instanceArn = (region: string): string => `arn:aws:s3:${region}:${ACCOUNT_ID}:access-grants/default`

/** Permissions of the default store, as administrators of S3 Access Grants know them. */
export interface Grants {
  list(query: GrantQuery): Promise<XmlElement[]>
  get(id: string): Promise<XmlElement[]>
  create(body: string, by: Author): Promise<XmlElement[]>
  delete(id: string, by: Author): Promise<void>
}

export function createGrants(permissions: Permissions, region: string): Grants {
  /** Undefined for a permission that no grant can say: to delete alone, or of another store. */
  function fieldsOf(permission: Permission): XmlElement[] | undefined {
    const { id, bucket, prefix, createdAt } = permission
    const named = grantOf(permission.actions)
    if (named === undefined || permission.store !== DEFAULT_STORE) return undefined
    return [
      element('CreatedAt', createdAt),
      element('AccessGrantId', id),
      element('AccessGrantArn', `${instanceArn(region)}/grant/${id}`),
      granteeOf(permission.principal),
      element('Permission', named),
      element('AccessGrantsLocationId', LOCATION_ID),
      element('AccessGrantsLocationConfiguration', [element('S3SubPrefix', `${bucket}/${prefix}*`)]),
      element('GrantScope', `s3://${bucket}/${prefix}*`),
      element('ApplicationArn', 'ALL'),
    ]
  }

  return {
    async list(query) {
      const filter = readFilter(query)
      const cursor = query.get('nextToken')
      const limit = readMaxResults(query)
      const page = await permissions.list({ ...filter, limit, store: DEFAULT_STORE, ...(cursor && { cursor }) })
      const permission = query.get('permission')
      const asked = permission === undefined ? undefined : readGrantPermission(permission)
      const grants = page.permissions.flatMap((each) => {
        const fields = asked === undefined || grantOf(each.actions) === asked ? fieldsOf(each) : undefined
        return fields ? [element('AccessGrant', fields)] : []
      })
      return [optionalElement('NextToken', page.nextCursor ?? undefined), element('AccessGrantsList', grants)].filter(
        (each) => each !== undefined,
      )
    },

    async get(id) {
      const fields = fieldsOf(await permissions.get(id))
      if (!fields) throw new S3ControlError('NoSuchAccessGrantError', 'The specified access grant does not exist.')
      return fields
    },

    async create(text, by) {
      const { permission } = await permissions.create(readGrant(text), by)
      const fields = fieldsOf(permission)
      if (!fields) throw new Error('a grant was created that is none')
      return fields
    },

    delete: (id, by) => permissions.delete(id, () => undefined, by),
  }
}

function granteeOf(principal: Principal): XmlElement {
  const grantee = (type: string, id: string): XmlElement =>
    element('Grantee', [element('GranteeType', type), element('GranteeIdentifier', id)])
  switch (principal.kind) {
    case 'user':
      return grantee('DIRECTORY_USER', principal.userId)
    case 'group': {
      const { group, issuer } = principal
      return grantee('DIRECTORY_GROUP', issuer ? `${issuer}${ISSUER_END}${group}` : group)
    }
    case 'everyone':
      return grantee('IAM', EVERYONE)
    case 'guest':
      return grantee('IAM', GUEST)
  }
}

/** @throws S3ControlError InvalidRequest */
function principalOf(type: string, id: string): Principal {
  switch (type) {
    case 'DIRECTORY_USER':
      return { kind: 'user', userId: id }
    case 'DIRECTORY_GROUP': {
      const end = id.indexOf(ISSUER_END)
      if (!/^https?:\/\//.test(id) || end === -1) return { kind: 'group', group: id }
      return { kind: 'group', issuer: id.slice(0, end), group: id.slice(end + 1) }
    }
    case 'IAM':
      if (id === EVERYONE) return { kind: 'everyone' }
      if (id === GUEST) return { kind: 'guest' }
  }
  throw new S3ControlError(
    'InvalidRequest',
    `The grantee has to be a DIRECTORY_USER with a user id, a DIRECTORY_GROUP with a name, or IAM with ${EVERYONE} or ${GUEST}.`,
  )
}

/** @throws S3ControlError, MalformedXmlError */
function readGrant(text: string): NewPermission {
  const root = readXml(text, 'CreateAccessGrantRequest')
  refuseGiven(root, 'Tags', 'Grants have no tags here. Describe permissions in SkyCrate.')
  refuseGiven(root, 'S3PrefixType', 'Grants are for folders here, not for single objects. Share an object by a link.')
  refuseGiven(root, 'IdentityCenterArn', 'SkyCrate is the directory here: IdentityCenterArn is not implemented.')
  const application = optionalText(root, 'ApplicationArn')
  if (application !== undefined && application !== 'ALL') {
    throw new S3ControlError('NotImplemented', 'Grants for one application are not implemented.')
  }
  if (requiredText(root, 'AccessGrantsLocationId') !== LOCATION_ID) {
    throw new S3ControlError('NoSuchAccessGrantsLocationError', `The only location is ${LOCATION_ID}.`)
  }
  const place = requiredText(requiredChild(root, 'AccessGrantsLocationConfiguration'), 'S3SubPrefix')
  const [whole, bucket = '', prefix = ''] = /^([^/*]+)\/(.*)\*$/s.exec(place) ?? []
  if (whole === undefined || (prefix !== '' && !prefix.endsWith('/'))) {
    throw new S3ControlError('InvalidRequest', 'S3SubPrefix has to be BUCKET/FOLDER/* or BUCKET/*.')
  }
  const grantee = requiredChild(root, 'Grantee')
  const body: NewPermission = {
    principal: principalOf(requiredText(grantee, 'GranteeType'), requiredText(grantee, 'GranteeIdentifier')),
    bucket,
    prefix,
    actions: [...ACTIONS_OF[readGrantPermission(optionalText(root, 'Permission'))]],
  }
  if (!validator.Check(body)) throw new S3ControlError('InvalidRequest', 'The grantee or the S3SubPrefix is not valid.')
  return body
}

/** What would narrow the grant, so that passing it over would give more than was asked for; or be lost. */
function refuseGiven(root: XmlNode, name: string, why: string): void {
  if (childrenOf(root, name).length > 0) throw new S3ControlError('NotImplemented', why)
}

/** @throws S3ControlError InvalidRequest */
function readFilter(query: GrantQuery): Parameters<Permissions['list']>[0] {
  const scope = query.get('grantscope')
  const type = query.get('granteetype')
  const id = query.get('granteeidentifier')
  const [whole, bucket, prefix = ''] = scope === undefined ? [''] : (/^s3:\/\/([^/*]+)(?:\/(.*))?$/s.exec(scope) ?? [])
  if (whole === undefined) throw new S3ControlError('InvalidRequest', 'grantscope has to be s3://BUCKET/FOLDER/*.')
  const place = bucket === undefined ? {} : { bucket, prefix: prefix.replace(/\*$/, '') }
  if (id === undefined) return { ...place, ...kindOf(type) }
  const principal = principalOf(type ?? (id.startsWith('usr_') ? 'DIRECTORY_USER' : 'DIRECTORY_GROUP'), id)
  switch (principal.kind) {
    case 'user':
      return { ...place, kind: 'user', userId: principal.userId }
    case 'group':
      return { ...place, kind: 'group', group: principal.group, issuer: principal.issuer ?? '' }
    default:
      return { ...place, kind: principal.kind }
  }
}

function kindOf(type: string | undefined): { kind?: 'user' | 'group' } {
  if (type === 'DIRECTORY_USER') return { kind: 'user' }
  return type === 'DIRECTORY_GROUP' ? { kind: 'group' } : {}
}
