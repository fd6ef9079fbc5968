import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import type { Metrics } from '../observability/metrics.ts'

/** `/metrics` for Prometheus, and the count of every request. Without metrics no request pays for them. */
export function registerMetrics(app: FastifyInstance, metrics: Metrics | undefined, token: string | undefined): void {
  const expected = token === undefined ? undefined : digest(`Bearer ${token}`)

  if (metrics) {
    app.addHook('onResponse', (request, reply, done) => {
      // A path that no route has is a stranger's text: it must not become a label.
      const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none')
      metrics.request(route, request.method, reply.statusCode, reply.elapsedTime / 1000)
      done()
    })
  }

  app.get('/metrics', async (request, reply) => {
    if (!metrics || !expected) throw new AppError('not-found', 'Set SKYCRATE_METRICS_TOKEN to have metrics.')
    const { authorization = '' } = request.headers
    if (!timingSafeEqual(digest(authorization), expected)) {
      throw new AppError('unauthenticated', 'Send the token in SKYCRATE_METRICS_TOKEN: Authorization: Bearer …')
    }
    const { type, text } = await metrics.expose()
    reply.type(type).header('cache-control', 'no-store')
    return text
  })
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
