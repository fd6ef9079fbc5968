import { CognitoIdentityError, JSON_1_1, jsonErrorBody, operationOf } from '@skycrate/aws-wire/json-answer'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { originOf } from '../../http/route.ts'
import { ALL_METHODS, type Door } from '../door.ts'
import { logFailure } from '../log-failure.ts'
import { OPERATIONS } from './operations.ts'
import { toCognitoError } from './to-cognito-error.ts'

const SERVICE = 'AWSCognitoIdentityService'
const PATHS = ['/cognito-identity', '/cognito-identity/']

/** Cognito's identity pools, as Amplify and the AWS SDKs use them: for guests and for whoever has a token. */
export const cognitoIdentityDoor: Door = (app, use) => {
  app.setErrorHandler((error, request, reply) => {
    const said = toCognitoError(error)
    logFailure(error, said.status, request)
    if (said.status === 503) reply.header('retry-after', '5')
    return send(reply.code(said.status).header('x-amzn-errortype', said.code), request, jsonErrorBody(said))
  })
  for (const url of PATHS) {
    app.route({
      method: ALL_METHODS,
      url,
      handler: async (request, reply) => {
        const target = request.headers['x-amz-target']
        const name = operationOf(SERVICE, Array.isArray(target) ? undefined : target) ?? ''
        const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined
        if (request.method !== 'POST' || !operation) {
          throw new CognitoIdentityError('UnknownOperationException', 'This operation is not known here.')
        }
        const answer = await operation(use, bodyOf(request), originOf(request, 'cognito-identity'))
        return send(reply, request, JSON.stringify(answer))
      },
    })
  }
}

function send(reply: FastifyReply, request: FastifyRequest, body: string): FastifyReply {
  return reply.header('cache-control', 'no-store').header('x-amzn-requestid', request.id).type(JSON_1_1).send(body)
}

/** @throws CognitoIdentityError SerializationException */
function bodyOf({ body }: FastifyRequest): unknown {
  try {
    return JSON.parse(Buffer.isBuffer(body) ? body.toString() : '') as unknown
  } catch {
    throw new CognitoIdentityError('SerializationException', 'The body has to be JSON.')
  }
}
