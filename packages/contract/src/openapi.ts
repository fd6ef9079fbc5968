import type { TSchema } from 'typebox'
import { API_BASE, placeOf, type RouteName } from './paths.ts'
import { OAuthError } from './oauth-errors.ts'
import { plain } from './plain-schema.ts'
import { Problem, PROBLEMS } from './problem.ts'
import { CookieSession } from './auth/schemas.ts'
import { problemsOf } from './problems-of.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes.ts'
import { SESSION_BY_COOKIE, SESSION_HEADER } from './session-header.ts'

type Json = { [name: string]: unknown }

/**
 * The OpenAPI 3.1 document of the route table. Pure, so that it can be checked in and compared.
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export function openApiDocument(version: string): Json {
  const schemas = new Map<string, TSchema>()
  const paths: Record<string, Json> = {}
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: Route = ROUTES[name]
    const place = placeOf(name)
    const path = API_BASE + place.path.replace('/*', '/{key}').replaceAll(/:(\w+)/g, '{$1}')
    const item = (paths[path] ??= {})
    item[place.method.toLowerCase()] = operation(name, route, schemas)
  }
  reference(Problem, schemas)
  return {
    openapi: '3.1.1',
    info: {
      title: 'SkyCrate',
      version,
      summary: 'Maps sign-ins to S3 storage.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { cookie: [] }],
    tags: [...new Set(Object.values<Route>(ROUTES).map((route) => route.area))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: "An access token of SkyCrate's own accounts or of a configured issuer.",
        },
        cookie: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-skycrate',
          description:
            "A browser session of SkyCrate's own pages. Changes also need the header `X-SkyCrate-Session: cookie`. Without TLS the cookie is named `skycrate-` and the port.",
        },
      },
      schemas: Object.fromEntries([...schemas].map(([id, schema]) => [id, plain(schema)])),
    },
  }
}

function operation(name: RouteName, route: Route, schemas: Map<string, TSchema>): Json {
  const { status, statusIfKnown } = route.success
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.area],
    ...(route.audience === 'anyone' ? { security: [] } : {}),
    ...(route.audience === 'guest' ? { security: [{ bearer: [] }, { cookie: [] }, {}] } : {}),
    ...parameters(name, route),
    ...(route.body && {
      requestBody: {
        required: !route.bodyOptional,
        content: route.form
          ? form(route.body, schemas)
          : { ...json(route.body, schemas), ...(route.oauth && form(route.body, schemas)) },
      },
    }),
    ...(route.upload && { requestBody: { required: true, content: text([route.upload.type]) } }),
    responses: {
      [status]: success(route, schemas),
      ...(statusIfKnown && { [statusIfKnown]: success(route, schemas, 'It already existed.') }),
      ...refusals(route, schemas),
    },
  }
}

function success(route: Route, schemas: Map<string, TSchema>, description?: string): Json {
  const { body, download } = route.success
  if (route.success.status === 302) {
    const Location = { description: 'Where to go next.', schema: { type: 'string' } }
    return { description: 'The browser is sent on.', headers: { Location } }
  }
  const content = body ? json(body, schemas, route.signsIn) : download && text(download)
  if (!content) return { description: description ?? 'Done. The response has no body.' }
  const headers = route.versioned && {
    ETag: { description: 'The version, for `If-Match`.', schema: { type: 'string' } },
  }
  return { description: description ?? 'Done.', ...(headers && { headers }), content }
}

function form(schema: TSchema, schemas: Map<string, TSchema>): Json {
  return { 'application/x-www-form-urlencoded': { schema: reference(schema, schemas) } }
}

function text(types: readonly string[]): Json {
  return Object.fromEntries(types.map((type) => [type, { schema: { type: 'string' } }]))
}

function parameters(name: RouteName, route: Route): Json {
  const { method } = placeOf(name)
  const list = [
    ...fields(route.params).map(([field, schema]) => parameter(field, 'path', true, schema)),
    ...(placeOf(name).path.endsWith('/*')
      ? [
          parameter('key', 'path', true, {
            type: 'string',
            description: 'The object key, percent-encoded. Slashes stay as they are.',
          }),
        ]
      : []),
    ...fields(route.query).map(([field, schema]) => parameter(field, 'query', false, schema)),
    ...(route.signsIn
      ? [
          parameter(SESSION_HEADER, 'header', false, {
            type: 'string',
            enum: [SESSION_BY_COOKIE],
            description: "For SkyCrate's own pages: sets a session cookie instead of answering with tokens.",
          }),
        ]
      : []),
    ...(route.versioned && method !== 'GET'
      ? [
          parameter('If-Match', 'header', false, {
            type: 'string',
            description: 'The `ETag` that you read. The change is made only if it is still the current version.',
          }),
        ]
      : []),
  ]
  return list.length > 0 ? { parameters: list } : {}
}

function parameter(name: string, place: 'path' | 'query' | 'header', required: boolean, schema: Json): Json {
  const { description, ...rest } = schema
  return { name, in: place, required, ...(description === undefined ? {} : { description }), schema: rest }
}

function fields(schema: TSchema | undefined): [string, Json][] {
  const { properties = {} } = (schema ? plain(schema) : {}) as { properties?: Record<string, Json> }
  return Object.entries(properties)
}

/** One response a status; its description names the codes. */
function refusals(route: Route, schemas: Map<string, TSchema>): Json {
  const content = route.oauth
    ? json(OAuthError, schemas)
    : { 'application/problem+json': { schema: reference(Problem, schemas) } }
  const byStatus = Map.groupBy(problemsOf(route), (code) => PROBLEMS[code].status)
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: names.map((code) => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '),
        content,
      },
    ]),
  )
}

/** @param signsIn a page of SkyCrate gets a cookie, and this body, instead of tokens */
function json(schema: TSchema, schemas: Map<string, TSchema>, signsIn = false): Json {
  const body = reference(schema, schemas)
  return {
    'application/json': { schema: signsIn ? { oneOf: [body, reference(CookieSession, schemas)] } : body },
  }
}

function reference(schema: TSchema, schemas: Map<string, TSchema>): Json {
  const { $id } = schema as { $id?: string }
  if ($id === undefined) return plain(schema)
  schemas.set($id, schema)
  return { $ref: `#/components/schemas/${$id}` }
}
