import { oauthErrorOf } from '@skycrate/contract/oauth-errors'
import { type Problem, type ProblemCode, PROBLEMS } from '@skycrate/contract/problem'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { lingerAtEnd } from './linger.ts'

/** Codes of Fastify's own refusals, as ours. */
const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid-request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid-request',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid-request',
  FST_ERR_VALIDATION: 'invalid-request',
  FST_ERR_BAD_URL: 'invalid-request',
}

/** The conformance tests fail when a log has this line: then OpenAPI would not say what clients get. */
const UNDECLARED = 'a route answered with a problem that it does not declare'

/** What would fill the log while a part is down, and is logged where it happens, with a count. */
const COUNTED: ReadonlySet<ProblemCode> = new Set(['issuer-unavailable'])

/** The one place where an error becomes an answer. What is unknown becomes a bare 500, and its detail goes to the log. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toAppError(error)
  const { status } = PROBLEMS[known.code]
  if (status >= 500) logFailure(known, request, 'request failed')
  else if (known.cause !== undefined) request.log.info({ err: known.cause, code: known.code }, 'request refused')
  const declared = request.routeOptions?.config.problems
  if (declared !== undefined && !declared.has(known.code)) {
    request.log.error({ code: known.code, route: request.routeOptions.url }, UNDECLARED)
  }
  if (known.retryAfter !== undefined || status === 503) reply.header('retry-after', String(known.retryAfter ?? 5))
  if (status === 401) reply.header('www-authenticate', challenge(known.code))
  // What stays unread of a refused body must not be taken for the next request.
  if (status === 413) {
    reply.header('connection', 'close')
    lingerAtEnd(request.raw.socket)
  }
  const body = problem(known, request.id)
  const isOAuth = request.routeOptions?.config.oauth === true
  return reply
    .code(status)
    .header('content-type', `application/${isOAuth ? 'json' : 'problem+json'}; charset=utf-8`)
    .header('cache-control', 'no-store')
    .serializer(JSON.stringify)
    .send(isOAuth ? { error: oauthErrorOf(known.code, status), ...described(body), ...body } : body)
}

/** @see RFC 6749 section 5.2, which allows no other characters */
function described({ detail }: Problem): { error_description?: string } {
  return detail === undefined ? {} : { error_description: detail.replaceAll(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'") }
}

/** An error as the body of a problem, for an answer that tells of several things; as `sendProblem` would answer it. */
export function problemOf(error: unknown, request: FastifyRequest): Problem {
  const known = toAppError(error)
  if (PROBLEMS[known.code].status >= 500) logFailure(known, request, 'part of a request failed')
  return problem(known, request.id)
}

function logFailure(error: AppError, { log }: FastifyRequest, message: string): void {
  if (!COUNTED.has(error.code)) log.error({ err: error.cause ?? error, code: error.code }, message)
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const { code, statusCode, message } = error as Partial<FastifyError>
  const known = code === undefined ? undefined : FASTIFY_CODES[code]
  if (known !== undefined) return new AppError(known, known === 'invalid-request' ? message : undefined)
  // Anything else that is the client's doing, such as a body cut off on the way.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return new AppError('invalid-request')
  return new AppError('internal', undefined, { cause: error })
}

function problem(error: AppError, requestId: string): Problem {
  const { status, title } = PROBLEMS[error.code]
  return {
    type: `/docs/errors/${error.code}`,
    title,
    status,
    code: error.code,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    requestId,
    ...(error.errors === undefined ? {} : { errors: [...error.errors] }),
  }
}

/** @see RFC 6750 section 3 */
function challenge(code: ProblemCode): string {
  if (code === 'invalid-client') return 'Basic realm="SkyCrate"'
  return code === 'unauthenticated' || code === 'invalid-credentials' ? 'Bearer' : 'Bearer error="invalid_token"'
}
