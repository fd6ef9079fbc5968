import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { originOf } from '../http/route.ts'
import type { ByDirectory, Directory } from '../users/directories/directory.ts'
import type { DirectoryGroups } from '../users/directories/directory-groups.ts'
import type { DirectoryGroup } from '../users/directories/directory-group-rows.ts'
import type { DirectoryUser } from '../users/directories/directory-user.ts'
import type { DirectoryUsers } from '../users/directories/directory-users.ts'
import { conditionOf, GROUP_ATTRIBUTES, USER_ATTRIBUTES } from '../users/directories/resource-filter.ts'
import type { AdmitDirectory } from './admit-directory.ts'
import type { JsonObject } from './body.ts'
import { groupResource, parseGroup } from './group-resource.ts'
import {
  listResponse,
  parseListQuery,
  parseSelection,
  searchBody,
  selected,
  type Selection,
  wants,
} from './list-query.ts'
import { parseOperations } from './patch-operations.ts'
import { patchGroup } from './patch-group.ts'
import { patchUser } from './patch-user.ts'
import { errorBody, ScimError, toScimError } from './scim-error.ts'
import { byId, resourceTypes, schemas, serviceProviderConfig } from './service-documents.ts'
import { parseUser, userResource } from './user-resource.ts'
import { isKnownVersion, versionRequired } from './version.ts'

/** Bytes of a body: a group that is replaced names all its members. */
const BODY_LIMIT = 4 * 1024 * 1024
const MEDIA_TYPE = 'application/scim+json; charset=utf-8'
/** Groups of one answer, where their members come along. */
const GROUPS_WITH_MEMBERS = 20

interface IdParams {
  Params: { id: string }
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whose token a SCIM request carries. */
    directory: Directory | undefined
  }
}

/** SCIM 2.0 at `/scim/v2`. @see RFC 7644 */
export async function registerScim(
  app: FastifyInstance,
  use: {
    readonly users: DirectoryUsers
    readonly groups: DirectoryGroups
    readonly admit: AdmitDirectory
    readonly publicUrl: string
  },
): Promise<void> {
  const { users, groups, admit } = use
  const base = `${use.publicUrl.replace(/\/$/, '')}/scim/v2`
  if (!app.hasRequestDecorator('directory')) app.decorateRequest('directory', undefined)

  const byOf = (request: FastifyRequest): ByDirectory => ({
    directory: request.directory!,
    origin: { ...originOf(request), door: 'scim' },
  })
  const selectionOf = (request: FastifyRequest): Selection => parseSelection(request.query as JsonObject)

  function sendUser(user: DirectoryUser, request: FastifyRequest, reply: FastifyReply): unknown {
    const resource = userResource(user, base)
    const meta = resource['meta'] as { location: string; version: string }
    reply.header('etag', meta.version).header('location', meta.location)
    if (request.method === 'GET' && isKnownVersion(request.headers['if-none-match'], user.updatedAt)) {
      return reply.code(304).send()
    }
    return selected(resource, selectionOf(request))
  }

  function sendGroup(group: DirectoryGroup, request: FastifyRequest, reply: FastifyReply): unknown {
    const resource = groupResource(group, base)
    const meta = resource['meta'] as { location: string; version: string }
    reply.header('etag', meta.version).header('location', meta.location)
    if (request.method === 'GET' && isKnownVersion(request.headers['if-none-match'], group.updatedAt)) {
      return reply.code(304).send()
    }
    return selected(resource, selectionOf(request))
  }

  async function listUsers(request: FastifyRequest, query: JsonObject): Promise<object> {
    const { filter, startIndex, count } = parseListQuery(query)
    const selection = parseSelection(query)
    const page = { offset: startIndex - 1, limit: count }
    const { total, users: found } = await users.list(request.directory!, conditionOf(filter, USER_ATTRIBUTES), page)
    return listResponse(
      total,
      startIndex,
      found.map((user) => selected(userResource(user, base), selection)),
    )
  }

  async function listGroups(request: FastifyRequest, query: JsonObject): Promise<object> {
    const { filter, startIndex, count } = parseListQuery(query)
    const selection = parseSelection(query)
    const withMembers = wants(selection, 'members')
    const limit = withMembers ? Math.min(count, GROUPS_WITH_MEMBERS) : count
    const page = { offset: startIndex - 1, limit, withMembers }
    const { total, groups: found } = await groups.list(request.directory!, conditionOf(filter, GROUP_ATTRIBUTES), page)
    return listResponse(
      total,
      startIndex,
      found.map((group) => selected(groupResource(group, base), selection)),
    )
  }

  await app.register(
    async (scim) => {
      scim.removeAllContentTypeParsers()
      const parseJson = scim.getDefaultJsonParser('error', 'error')
      scim.addContentTypeParser(
        ['application/scim+json', 'application/json'],
        { parseAs: 'string', bodyLimit: BODY_LIMIT },
        // A directory names its media type where it sends nothing, too.
        (request, body, done) => (body === '' ? done(null, undefined) : parseJson(request, String(body), done)),
      )
      scim.addHook('onRequest', async (request) => {
        request.directory = await admit(request.headers.authorization, { ...originOf(request), door: 'scim' })
      })
      scim.addHook('onSend', async (_request, reply, payload) => {
        reply.header('cache-control', 'no-store')
        if (typeof payload === 'string' && payload !== '') reply.type(MEDIA_TYPE)
        return payload
      })
      scim.setErrorHandler((error, request, reply) => sendScimError(error, request, reply))
      scim.setNotFoundHandler((request, reply) =>
        sendScimError(new ScimError(404, 'There is no such resource.'), request, reply),
      )

      scim.get('/ServiceProviderConfig', async () => serviceProviderConfig(base))
      for (const [path, resources] of [
        ['/ResourceTypes', resourceTypes(base)],
        ['/Schemas', schemas(base)],
      ] as const) {
        scim.get(path, async () => listResponse(resources.length, 1, resources))
        scim.get<IdParams>(`${path}/:id`, async (request) => {
          const found = byId(resources, request.params.id)
          if (!found) throw new AppError('not-found')
          return found
        })
      }

      scim.get('/Users', (request) => listUsers(request, request.query as JsonObject))
      scim.post('/Users/.search', (request) => listUsers(request, searchBody(request.body)))
      scim.get<IdParams>('/Users/:id', async (request, reply) =>
        sendUser(await users.find(request.directory!, request.params.id), request, reply),
      )
      scim.post('/Users', async (request, reply) => {
        const user = await users.create(parseUser(request.body), byOf(request))
        reply.code(201)
        return sendUser(user, request, reply)
      })
      scim.put<IdParams>('/Users/:id', async (request, reply) => {
        const person = parseUser(request.body)
        const version = versionRequired(request.headers['if-match'])
        // Not every directory repeats the externalId.
        const change = ({ externalId }: DirectoryUser) => ({ ...person, externalId: person.externalId ?? externalId })
        return sendUser(await users.change(request.params.id, change, version, byOf(request)), request, reply)
      })
      scim.patch<IdParams>('/Users/:id', async (request, reply) => {
        const operations = parseOperations(request.body)
        const version = versionRequired(request.headers['if-match'])
        const change = (user: DirectoryUser) => patchUser(user, operations)
        return sendUser(await users.change(request.params.id, change, version, byOf(request)), request, reply)
      })
      scim.delete<IdParams>('/Users/:id', async (request, reply) => {
        await users.delete(request.params.id, versionRequired(request.headers['if-match']), byOf(request))
        return reply.code(204).send()
      })

      scim.get('/Groups', (request) => listGroups(request, request.query as JsonObject))
      scim.post('/Groups/.search', (request) => listGroups(request, searchBody(request.body)))
      scim.get<IdParams>('/Groups/:id', async (request, reply) => {
        const withMembers = wants(selectionOf(request), 'members')
        return sendGroup(await groups.find(request.directory!, request.params.id, withMembers), request, reply)
      })
      scim.post('/Groups', async (request, reply) => {
        const { members = [], ...group } = parseGroup(request.body)
        const change = { ...group, members: [{ kind: 'set', ids: members }] } as const
        const created = await groups.create(change, byOf(request))
        reply.code(201)
        return sendGroup(created, request, reply)
      })
      scim.put<IdParams>('/Groups/:id', async (request, reply) => {
        const { members = [], name, externalId } = parseGroup(request.body)
        const change = { name, externalId: externalId ?? undefined, members: [{ kind: 'set', ids: members }] } as const
        await groups.change(request.params.id, change, versionRequired(request.headers['if-match']), byOf(request))
        const withMembers = wants(selectionOf(request), 'members')
        return sendGroup(await groups.find(request.directory!, request.params.id, withMembers), request, reply)
      })
      scim.patch<IdParams>('/Groups/:id', async (request, reply) => {
        const change = patchGroup(parseOperations(request.body))
        await groups.change(request.params.id, change, versionRequired(request.headers['if-match']), byOf(request))
        // The whole group may be large, and nobody who patches it reads it.
        return reply.code(204).send()
      })
      scim.delete<IdParams>('/Groups/:id', async (request, reply) => {
        await groups.delete(request.params.id, versionRequired(request.headers['if-match']), byOf(request))
        return reply.code(204).send()
      })
    },
    { prefix: '/scim/v2' },
  )
}

/** What Fastify itself refuses, such as a body that is no JSON. */
const FASTIFY_REFUSALS: Readonly<Record<number, string>> = {
  400: 'The body is not valid JSON.',
  413: `The body is larger than ${BODY_LIMIT} bytes.`,
  415: 'The body must be application/scim+json.',
}

function sendScimError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const status = (error as Partial<FastifyError>).statusCode
  const refusal = status === undefined ? undefined : FASTIFY_REFUSALS[status]
  const known =
    toScimError(error) ??
    (refusal === undefined
      ? new ScimError(500, 'Internal server error')
      : new ScimError(status!, refusal, status === 400 ? 'invalidSyntax' : undefined))
  if (known.status >= 500) {
    request.log.error({ err: error instanceof AppError ? (error.cause ?? error) : error }, 'SCIM request failed')
  }
  if (error instanceof AppError && (error.retryAfter !== undefined || known.status === 503)) {
    reply.header('retry-after', String(error.retryAfter ?? 5))
  }
  if (known.status === 401) reply.header('www-authenticate', 'Bearer')
  if (known.status === 413) reply.header('connection', 'close')
  return reply.code(known.status).type(MEDIA_TYPE).serializer(JSON.stringify).send(errorBody(known))
}
