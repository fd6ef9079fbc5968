import type { FastifyInstance } from 'fastify'
import type { RequestTrace, Tracing } from './tracing.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Undefined where traces are off. */
    trace: RequestTrace | undefined
  }
}

/** Asked for every few seconds by machines, and of no interest to anybody. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics'])

/** One span a request. To be called before the routes are registered, and only where traces are on. */
export function traceRequests(app: FastifyInstance, tracing: Tracing): void {
  app.decorateRequest('trace', undefined)
  app.addHook('onRequest', (request, _reply, done) => {
    if (UNTRACED.has(request.routeOptions.url ?? '')) return done()
    const { traceparent, tracestate } = request.headers
    request.trace = tracing.request({ traceparent, tracestate })
    request.trace.run(done)
  })
  // A body comes in the context of its connection, which is not that of the request.
  app.addHook('preValidation', (request, _reply, done) => {
    if (request.trace) request.trace.run(done)
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { method, trace } = request
    if (trace) {
      // A path that no route has is a stranger's text.
      const route = request.is404 ? undefined : request.routeOptions.url
      const status = reply.statusCode
      trace.end(
        route === undefined ? method : `${method} ${route}`,
        {
          'http.request.method': method,
          ...(route === undefined ? {} : { 'http.route': route }),
          'http.response.status_code': status,
          'skycrate.request_id': request.id,
          'skycrate.outcome': status < 400 ? 'allow' : status < 500 ? 'deny' : 'error',
        },
        status >= 500,
      )
    }
    done()
  })
}
