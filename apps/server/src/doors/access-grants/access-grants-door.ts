import { S3_CONTROL_NAMESPACE, S3ControlError, s3ControlErrorAnswer } from '@skycrate/aws-wire/s3-control'
import { element, writeXml, type XmlElement } from '@skycrate/aws-wire/write-xml'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { originOf } from '../../http/route.ts'
import type { SessionCaller } from '../../identity/session-keys.ts'
import { ACCOUNT_ID, ALL_METHODS, type Door, type DoorUse } from '../door.ts'
import { targetOf } from '../entry.ts'
import { logFailure } from '../log-failure.ts'
import { listCallerAccessGrants } from './caller-grants.ts'
import { getDataAccess } from './data-access.ts'
import { type GrantQuery, readGrantQuery } from './grant-query.ts'
import { createGrants, type Grants, instanceArn, LOCATION_ID, ROLE_ARN } from './grants.ts'
import { requireResource } from './tags.ts'
import { toS3ControlError } from './to-s3-control-error.ts'

const BASE = '/v20180820/accessgrantsinstance'
const TAGS = '/v20180820/tags/'

interface Ask {
  readonly use: DoorUse
  readonly grants: Grants
  readonly caller: SessionCaller
  readonly query: GrantQuery
  readonly body: string
  readonly id: string
  readonly origin: RequestOrigin
}

interface Operation {
  /** The root of the answer; '' for none. */
  readonly root: string
  readonly admin: boolean
  readonly run: (ask: Ask) => Promise<readonly XmlElement[]>
}

const location = (): XmlElement[] => [
  element('AccessGrantsLocationId', LOCATION_ID),
  element('LocationScope', 's3://'),
  element('IAMRoleArn', ROLE_ARN),
]

const instance = (region: string): XmlElement[] => [
  element('AccessGrantsInstanceArn', instanceArn(region)),
  element('AccessGrantsInstanceId', 'default'),
]

/** By method and path; `{id}` stands for one segment. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  'GET /dataaccess': {
    root: 'GetDataAccessResult',
    admin: false,
    run: ({ use, caller, query, origin }) => getDataAccess(use, caller, query, origin),
  },
  'GET /caller/grants': {
    root: 'ListCallerAccessGrantsResult',
    admin: false,
    run: ({ use, caller, query }) => listCallerAccessGrants(use, caller, query),
  },
  'GET /prefix': {
    root: 'GetAccessGrantsInstanceForPrefixResult',
    admin: false,
    // The same for each prefix: it tells nothing of what there is.
    run: async ({ use: { region } }) => instance(region),
  },
  'GET /grants': { root: 'ListAccessGrantsResult', admin: true, run: ({ grants, query }) => grants.list(query) },
  'POST /grant': {
    root: 'CreateAccessGrantResult',
    admin: true,
    run: ({ grants, body, caller, origin }) => grants.create(body, { userId: caller.userId, origin }),
  },
  'GET /grant/{id}': { root: 'GetAccessGrantResult', admin: true, run: ({ grants, id }) => grants.get(id) },
  'DELETE /grant/{id}': {
    root: '',
    admin: true,
    run: async ({ grants, id, caller, origin }) => {
      await grants.delete(id, { userId: caller.userId, origin })
      return []
    },
  },
  'GET /locations': {
    root: 'ListAccessGrantsLocationsResult',
    admin: true,
    run: async () => [element('AccessGrantsLocationsList', [element('AccessGrantsLocation', location())])],
  },
  'GET /location/{id}': {
    root: 'GetAccessGrantsLocationResult',
    admin: true,
    run: async ({ id }) => {
      if (id === LOCATION_ID) return location()
      throw new S3ControlError('NoSuchAccessGrantsLocationError', `The only location is ${LOCATION_ID}.`)
    },
  },
  'GET ': {
    root: 'GetAccessGrantsInstanceResult',
    admin: true,
    run: async ({ use: { region } }) => instance(region),
  },
  // The base of it has an s more.
  'GET s': {
    root: 'ListAccessGrantsInstancesResult',
    admin: true,
    run: async ({ use: { region } }) => [
      element('AccessGrantsInstancesList', [element('AccessGrantsInstance', instance(region))]),
    ],
  },
  'GET /tags': {
    root: 'ListTagsForResourceResult',
    admin: true,
    run: async ({ use, grants, id }) => {
      await requireResource(grants, use.region, id)
      return [element('Tags', [])]
    },
  },
  'POST /tags': {
    root: '',
    admin: true,
    run: async ({ use, grants, id }) => {
      await requireResource(grants, use.region, id)
      throw new S3ControlError('NotImplemented', 'Grants have no tags here. Describe permissions in SkyCrate.')
    },
  },
  'DELETE /tags': {
    root: '',
    admin: true,
    run: async ({ use, grants, id }) => {
      await requireResource(grants, use.region, id)
      return []
    },
  },
}

/** S3 Access Grants: locations and permissions, for whoever signs with a session of another door. */
export const accessGrantsDoor: Door = (app, use) => {
  const grants = createGrants(use.permissions, use.region)
  app.setErrorHandler((error, request, reply) => {
    const said = toS3ControlError(error)
    logFailure(error, said.status, request)
    if (said.status === 503) reply.header('retry-after', '5')
    return send(reply.code(said.status), writeXml(s3ControlErrorAnswer(said, request.id), ''))
  })
  const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const [path, rawQuery] = targetOf(request)
    const { operation, id } = operationAt(request.method, path)
    const origin = originOf(request, 'access-grants')
    const caller = await use.entry.bySignature(request, 's3', origin)
    if ((request.headers['x-amz-account-id'] ?? ACCOUNT_ID) !== ACCOUNT_ID) {
      throw new S3ControlError('AccessDenied', `The account of SkyCrate is ${ACCOUNT_ID}.`)
    }
    if (operation.admin) await use.entry.requireAdmin(caller, { method: request.method, path }, origin)
    const body = Buffer.isBuffer(request.body) ? request.body.toString() : ''
    const query = readGrantQuery(rawQuery)
    const fields = await operation.run({ use, grants, caller, query, body, id, origin })
    if (operation.root === '') return reply.code(204).header('cache-control', 'no-store').send()
    return send(reply.code(200), writeXml(element(operation.root, fields), S3_CONTROL_NAMESPACE))
  }
  for (const url of [BASE, '/v20180820/*']) app.route({ method: ALL_METHODS, url, handler })
}

function send(reply: FastifyReply, document: string): FastifyReply {
  return reply.header('cache-control', 'no-store').type('application/xml; charset=utf-8').send(document)
}

/** @throws S3ControlError */
function operationAt(method: string, path: string): { operation: Operation; id: string } {
  const isTags = path.startsWith(TAGS)
  if (!isTags && !path.startsWith(BASE)) throw new S3ControlError('NotImplemented', 'Only S3 Access Grants are here.')
  if (isTags) return { operation: found(`${method} /tags`), id: path.slice(TAGS.length) }
  const rest = path.slice(BASE.length)
  const [, folder = '', id = ''] = /^\/(grant|location)\/([^/]+)$/.exec(rest) ?? []
  const name = folder === '' ? rest : `/${folder}/{id}`
  return { operation: found(`${method} ${name}`), id }
}

function found(name: string): Operation {
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined
  if (!operation) throw new S3ControlError('NotImplemented', 'This operation is not implemented.')
  return operation
}
