import type { FastifyInstance, HTTPMethods, RouteOptions } from 'fastify'
import { AppError } from '../errors/app-error.ts'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const satisfies readonly HTTPMethods[]

/**
 * Watches which methods each path gets, and in the end answers all others with 405 and what would be allowed. The router
 * itself takes a path with another method for a path that is not there.
 *
 * @returns to be called once every route is registered
 */
export function watchMethods(app: FastifyInstance): () => void {
  const methodsOf = new Map<string, Set<string>>()
  let watching = true
  app.addHook('onRoute', ({ url, method }: RouteOptions) => {
    if (!watching) return
    const methods = methodsOf.get(url) ?? new Set()
    for (const each of [method].flat()) methods.add(each)
    methodsOf.set(url, methods)
  })
  return () => {
    watching = false
    for (const [url, allowed] of methodsOf) {
      const others = METHODS.filter((method) => !allowed.has(method))
      if (others.length === 0) continue
      app.route({
        method: others,
        url,
        onRequest: async (_request, reply) => {
          reply.header('allow', [...allowed].toSorted().join(', '))
          throw new AppError('method-not-allowed')
        },
        // The hook has answered.
        handler: async () => undefined,
      })
    }
  }
}
