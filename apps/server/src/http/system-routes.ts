import { readFile } from 'node:fs/promises'
import { PROBLEMS } from '@skycrate/contract/problem'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'

/** One dependency that readiness asks for. */
export type Check = () => Promise<void>

const DOCS = new URL('../../../../docs/errors/', import.meta.url)

/** What stands beside the API: health, readiness, keys, documents. */
export async function registerSystemRoutes(
  app: FastifyInstance,
  options: {
    readonly checks: Readonly<Record<string, Check>>
    readonly isStopping: () => boolean
    readonly jwks: () => Promise<object>
    readonly openapi: object
  },
): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }))

  app.get('/readyz', async (_request, reply) => {
    const names = Object.keys(options.checks)
    const results = await Promise.allSettled(names.map((name) => options.checks[name]!()))
    const checks = Object.fromEntries(
      names.map((name, i) => [name, results[i]!.status === 'fulfilled' ? 'ok' : 'unavailable']),
    )
    const ready = !options.isStopping() && results.every((result) => result.status === 'fulfilled')
    reply.code(ready ? 200 : 503).header('cache-control', 'no-store')
    return { status: ready ? 'ready' : options.isStopping() ? 'stopping' : 'not-ready', checks }
  })

  app.get('/.well-known/jwks.json', async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=300')
    return options.jwks()
  })

  app.get('/openapi.json', async () => options.openapi)

  app.get<{ Params: { code: string } }>('/docs/errors/:code', async (request, reply) => {
    const { code } = request.params
    // Only names of the table: the parameter never becomes a path.
    if (!Object.hasOwn(PROBLEMS, code)) throw new AppError('not-found')
    reply.type('text/markdown; charset=utf-8')
    return readFile(new URL(`${code}.md`, DOCS), 'utf8')
  })
}
