import { parseBucketName } from '@skycrate/core/naming/bucket'
import { parsePrefix } from '@skycrate/core/naming/prefix'
import { PROBLEMS } from '@skycrate/contract/problem'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors/app-error.ts'
import { originOf } from '../../http/route.ts'
import type { SessionRequest } from '../../vending/sessions.ts'
import { ALL_METHODS, type Door } from '../door.ts'
import { logFailure } from '../log-failure.ts'

const PATH = '/container-credentials'

/**
 * The endpoint of container credentials, as ECS and EKS have it: for AWS's tools where SkyCrate is on the same machine or
 * reached by TLS.
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
export const containerCredentialsDoor: Door = (app, { entry, sessions }) => {
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply))
  app.route({
    method: ALL_METHODS,
    url: PATH,
    handler: async (request, reply) => {
      if (request.method !== 'GET') throw new AppError('method-not-allowed')
      const wish = readWish(request.query as Record<string, unknown>)
      const { authorization } = request.headers
      if (authorization === undefined) {
        throw new AppError('unauthenticated', 'Set AWS_CONTAINER_AUTHORIZATION_TOKEN to an access token.')
      }
      const origin = originOf(request, 'container-credentials')
      // The tools send the setting as it stands; people write it with and without the scheme.
      const caller = await entry.byToken(authorization.replace(/^bearer +/i, '').trim(), origin)
      const issued = await sessions.create(caller, wish, { ...origin, tokenId: caller.tokenId })
      return send(reply, 200, {
        AccessKeyId: issued.accessKeyId,
        SecretAccessKey: issued.secretAccessKey,
        Token: issued.sessionToken,
        Expiration: `${new Date(issued.expiresAt).toISOString().slice(0, 19)}Z`,
        // The same for a `credential_process` that prints this answer.
        Version: 1,
        SessionToken: issued.sessionToken,
      })
    },
  })
}

function send(reply: FastifyReply, status: number, body: object): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').type('application/json').send(JSON.stringify(body))
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode = 500 } = error as { statusCode?: number }
  const isTheirs = statusCode >= 400 && statusCode < 500
  const known = error instanceof AppError ? error : new AppError(isTheirs ? 'invalid-request' : 'internal')
  const { status, title } = PROBLEMS[known.code]
  logFailure(error, status, request)
  if (known.retryAfter !== undefined || status === 503) reply.header('retry-after', String(known.retryAfter ?? 5))
  return send(reply, status, { code: known.code, message: known.detail ?? title })
}

/** `bucket`, `prefix` and `durationSeconds` of the query, all optional. @throws AppError `invalid-request` */
function readWish(query: Readonly<Record<string, unknown>>): SessionRequest {
  const { bucket, prefix, durationSeconds, ...others } = query
  const [other] = Object.keys(others)
  const wrong = (detail: string): AppError => new AppError('invalid-request', detail)
  if (other !== undefined) throw wrong(`${other.slice(0, 100)} is not known here.`)
  if (bucket === undefined && prefix !== undefined) throw wrong('prefix needs a bucket.')
  const isPlace =
    (bucket === undefined || (typeof bucket === 'string' && parseBucketName(bucket) !== undefined)) &&
    (prefix === undefined || (typeof prefix === 'string' && parsePrefix(prefix).ok))
  if (!isPlace) throw wrong('bucket has to be the name of a bucket, and prefix a folder that ends in /.')
  const seconds = durationSeconds === undefined ? undefined : Number(durationSeconds)
  if (seconds !== undefined && !(Number.isInteger(seconds) && seconds >= 900 && seconds <= 43_200)) {
    throw wrong('durationSeconds has to be 900 to 43200.')
  }
  const location = bucket === undefined ? undefined : { bucket: bucket as string, prefix: (prefix ?? '') as string }
  return { location, durationSeconds: seconds }
}
