import type { RequestListener } from 'node:http'
import { createId } from '@skycrate/core/naming/id'
import fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { idRandomness } from '../id-randomness.ts'
import { addressReader } from './client-address.ts'
import type { Certificate } from '../tls/certificate.ts'
import { refuseUnreadable } from './client-error.ts'
import { CONNECTION_LIMITS, type ConnectionLimits, createLimitedServer } from './connection-limits.ts'
import { compressAnswers } from './compression.ts'
import { sendProblem } from './problems.ts'
import { compileSerializer } from './serialization.ts'
import { compileValidator } from './validation.ts'

/** The largest request body, in bytes: bodies here are descriptions, files go straight to S3. */
const BODY_LIMIT = 64 * 1024

/** A year, as browsers' lists ask for; other hosts of the domain are their owners' business. */
const STRICT_TRANSPORT = 'max-age=31536000'

export function createApp(options: {
  readonly logger: FastifyBaseLogger
  readonly trustedProxies: number
  readonly connections?: ConnectionLimits
  /** With it, the app speaks https. */
  readonly certificate?: Certificate | undefined
  /** Whether browsers are to ask for this host by https alone. */
  readonly strictTransport?: boolean
}): FastifyInstance {
  const addressOf = addressReader(options.trustedProxies, options.logger)
  // All clients of a proxy share its address.
  const limits = {
    ...(options.connections ?? CONNECTION_LIMITS),
    ...(options.trustedProxies > 0 ? { perAddress: Infinity } : {}),
  }
  const random = Buffer.alloc(10)
  const app = fastify({
    loggerInstance: options.logger,
    // One line a request would cost more than the decision; the audit log tells what was done.
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    bodyLimit: BODY_LIMIT,
    clientErrorHandler: refuseUnreadable,
    serverFactory: (handler) => createLimitedServer(handler as RequestListener, limits, options.certificate),
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    routerOptions: { maxParamLength: 8192 },
    genReqId: () => createId('req', Date.now(), idRandomness(random)),
    frameworkErrors: (error, request, reply) => void sendProblem(error, request, reply),
  })
  takeBodies(app)
  app.setValidatorCompiler(compileValidator as never)
  app.setSerializerCompiler(compileSerializer)
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply))
  app.decorateRequest('who', undefined)
  app.decorateRequest('presented', undefined)
  app.decorateRequest('clientAddress', '')
  app.addHook('onRequest', (request, reply, next) => {
    request.clientAddress = addressOf(request.socket.remoteAddress ?? '', request.headers['x-forwarded-for'])
    reply.header('x-request-id', request.id).header('x-content-type-options', 'nosniff')
    if (options.strictTransport === true) reply.header('strict-transport-security', STRICT_TRANSPORT)
    next()
  })
  compressAnswers(app)
  return app
}

/** Bodies are JSON, or where a route says so CSV; what is neither is refused instead of being read as text. */
function takeBodies(app: FastifyInstance): void {
  app.removeContentTypeParser('text/plain')
  const refusal = (): AppError => new AppError('unsupported-media-type')
  app.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (request, body, done) => {
    if (request.routeOptions.config.uploads === 'text/csv') done(null, body)
    else done(refusal())
  })
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (request, body, done) => {
    if (request.routeOptions.config.oauth !== true && request.routeOptions.config.form !== true) return done(refusal())
    const fields = [...new URLSearchParams(body as string)]
    const form = Object.fromEntries(fields)
    // RFC 6749 section 3.2: what stands there twice might be read in two ways.
    if (Object.keys(form).length < fields.length)
      return done(new AppError('invalid-request', 'A field is there twice.'))
    done(null, form)
  })
  // A hook of those routes alone: the others need not pass it.
  app.addHook('onRoute', (route) => {
    if (route.config?.form === true) {
      route.preValidation = (request, _reply, done) => {
        const type = request.headers['content-type'] ?? ''
        done(/^application\/x-www-form-urlencoded\b/i.test(type) ? undefined : refusal())
      }
    }
    if (route.config?.uploads === undefined) return
    route.preValidation = (request, _reply, done) => {
      done(Buffer.isBuffer(request.body) ? undefined : refusal())
    }
  })
}
