import { JSON_1_1, jsonErrorBody, type JsonServiceError, operationOf } from '@skycrate/aws-wire/json-answer'
import type { Door as DoorName } from '@skycrate/contract/audit-actions'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestOrigin } from '../audit/audit-event.ts'
import { originOf } from '../http/route.ts'
import { ALL_METHODS, type Door, type DoorUse } from './door.ts'
import { logFailure } from './log-failure.ts'

export type JsonOperation = (use: DoorUse, body: unknown, origin: RequestOrigin) => Promise<object>

export interface JsonService {
  /** Also its path. */
  readonly door: DoorName
  /** Before the dot of `x-amz-target`. */
  readonly service: string
  readonly operations: Readonly<Record<string, JsonOperation>>
  readonly error: (code: 'UnknownOperationException' | 'SerializationException', message: string) => JsonServiceError
  /** Any error as one of the service. What is unknown says nothing of itself. */
  readonly toError: (error: unknown) => JsonServiceError
}

/** A service of AWS's JSON 1.1 protocol, under one path. */
export function jsonDoor({ door, service, operations, error: errorOf, toError }: JsonService): Door {
  return (app, use) => {
    app.setErrorHandler((error, request, reply) => {
      const said = toError(error)
      logFailure(error, said.status, request)
      if (said.status === 503) reply.header('retry-after', '5')
      return send(reply.code(said.status).header('x-amzn-errortype', said.code), request, jsonErrorBody(said))
    })
    for (const url of [`/${door}`, `/${door}/`]) {
      app.route({
        method: ALL_METHODS,
        url,
        handler: async (request, reply) => {
          const target = request.headers['x-amz-target']
          const name = operationOf(service, Array.isArray(target) ? undefined : target) ?? ''
          const operation = Object.hasOwn(operations, name) ? operations[name] : undefined
          if (request.method !== 'POST' || !operation) {
            throw errorOf('UnknownOperationException', 'This operation is not known here.')
          }
          const answer = await operation(use, bodyOf(request, errorOf), originOf(request, door))
          return send(reply, request, JSON.stringify(answer))
        },
      })
    }
  }
}

function send(reply: FastifyReply, request: FastifyRequest, body: string): FastifyReply {
  return reply.header('cache-control', 'no-store').header('x-amzn-requestid', request.id).type(JSON_1_1).send(body)
}

function bodyOf({ body }: FastifyRequest, errorOf: JsonService['error']): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '') as unknown
  } catch {
    throw errorOf('SerializationException', 'The body has to be JSON.')
  }
}

interface Validator {
  Check(value: unknown): boolean
  Errors(value: unknown): { instancePath: string; message: string }[]
}

/** What is wrong with a body, for whoever sent it; undefined where nothing is. */
export function mistakeIn(validator: Validator, body: unknown): string | undefined {
  if (validator.Check(body)) return undefined
  const [first] = validator.Errors(body)
  return `The request is not valid: ${first?.instancePath || '/'} ${first?.message ?? ''}`.slice(0, 300)
}
