import assert from 'node:assert/strict'
import { Ajv2020 } from 'ajv/dist/2020.js'
import ajvFormats from 'ajv-formats'
import type { Api } from './api.ts'
import { type Answer, request } from './http.ts'
import { uriEncode } from './sigv4.ts'

interface Operation {
  readonly operationId: string
  readonly security?: readonly object[]
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>
  }
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, { schema: object }>> }>>
}
interface Document extends Record<string, unknown> {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, { readonly examples?: readonly unknown[] }>> }
}

export interface PlacedOperation extends Operation {
  readonly method: string
  /** With its parameters in braces. */
  readonly path: string
}

export interface Call {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What the server documents of itself, to compare its answers with. */
export interface OpenApi {
  readonly document: Document
  readonly operations: readonly PlacedOperation[]
  /** The names of the operations that have answered with success. */
  readonly succeeded: ReadonlySet<string>
  /** The first body that the document gives as an example. */
  exampleOf(operation: PlacedOperation): unknown
  /** Asks for an operation by its name. @throws where it fails or answers otherwise than documented */
  call(api: Api, operationId: string, call?: Call): Promise<Answer>
  /** @throws where the operation does not document the status, the media type or the shape of the answer */
  assertDocumented(operation: PlacedOperation, answer: Answer): void
}

/** @param url where the server is */
export async function readOpenApi(url: string): Promise<OpenApi> {
  const answer = await request(`${url}/openapi.json`)
  assert.equal(answer.status, 200)
  assert.match(String(answer.headers['content-type']), /^application\/json/)
  const document = answer.json<Document>()
  const schemas = new Ajv2020({ strict: false, allErrors: true })
  ajvFormats.default(schemas)
  schemas.addSchema(document, 'openapi')
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
  )
  const succeeded = new Set<string>()

  function assertDocumented({ operationId, method, path, responses }: PlacedOperation, given: Answer): void {
    const response = responses[String(given.status)]
    assert.ok(response, `${operationId} answers ${given.status}, which is not documented: ${given.text}`)
    const types = Object.keys(response.content ?? {})
    if (types.length === 0) return assert.equal(given.text, '', `${operationId} has no documented body`)
    const said = String(given.headers['content-type'])
    const type = types.find((each) => said.startsWith(each))
    assert.ok(type !== undefined, `${operationId}: ${said}, documented are ${types.join()}`)
    const place = `#/paths/${pointer(path)}/${method.toLowerCase()}/responses/${given.status}/content/${pointer(type)}/schema`
    const validate = schemas.getSchema(`openapi${place}`)
    assert.ok(validate, place)
    assert.ok(
      validate(type === 'application/json' || type === 'application/problem+json' ? given.json() : given.text),
      `${operationId} ${given.status}: ${JSON.stringify(validate.errors)} in ${given.text}`,
    )
  }

  async function call(api: Api, operationId: string, { params = {}, query = {}, body }: Call = {}): Promise<Answer> {
    const operation = operations.find((each) => each.operationId === operationId)
    assert.ok(operation, `${operationId} is not documented`)
    const names = Object.entries(query).map(([name, value]) => `${name}=${uriEncode(value)}`)
    const path = pathOf(operation, params) + (names.length > 0 ? `?${names.join('&')}` : '')
    const given = await send(url, operation.method, path, api.token, body)
    assert.ok(given.status < 400, `${operation.method} ${path}: ${given.status} ${given.text}`)
    assertDocumented(operation, given)
    succeeded.add(operationId)
    return given
  }

  function exampleOf({ requestBody }: PlacedOperation): unknown {
    const name = requestBody?.content['application/json']?.schema?.$ref?.split('/').at(-1)
    return document.components.schemas[name ?? '']?.examples?.[0]
  }

  return { document, operations, succeeded, call, exampleOf, assertDocumented }
}

/** The path with its parameters; a key keeps its slashes. */
export function pathOf({ path }: PlacedOperation, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name]
    assert.ok(value !== undefined, `${path}: no ${name}`)
    return value.split('/').map(uriEncode).join('/')
  })
}

/** @param body an object is sent as JSON, a text as CSV */
export function send(
  url: string,
  method: string,
  path: string,
  token: string | undefined,
  body?: unknown,
): Promise<Answer> {
  const isText = typeof body === 'string'
  return request(url + path, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': isText ? 'text/csv' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
  })
}

const pointer = (text: string): string => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'))
