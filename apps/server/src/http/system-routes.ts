import { readFile } from 'node:fs/promises'
import { PROBLEMS } from '@skycrate/contract/problem'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { openidConfiguration } from './openid-configuration.ts'
import { type Check, createReadiness } from './readiness.ts'

const DOCS = new URL('../../../../docs/errors/', import.meta.url)

/** What stands beside the API: health, readiness, keys, documents. */
export async function registerSystemRoutes(
  app: FastifyInstance,
  options: {
    readonly checks: Readonly<Record<string, Check>>
    readonly isStopping: () => boolean
    readonly jwks: () => Promise<object>
    readonly openapi: object
    /** The issuer of SkyCrate's own tokens. */
    readonly issuer: string
  },
): Promise<void> {
  app.get('/healthz', async () => ({ status: 'ok' }))

  const readiness = createReadiness(options.checks)
  app.get('/readyz', async (_request, reply) => {
    const checks = await readiness()
    const ready = !options.isStopping() && Object.values(checks).every((state) => state === 'ok')
    reply.code(ready ? 200 : 503).header('cache-control', 'no-store')
    return { status: ready ? 'ready' : options.isStopping() ? 'stopping' : 'not-ready', checks }
  })

  app.get('/.well-known/jwks.json', async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=300')
    return options.jwks()
  })

  app.get('/.well-known/openid-configuration', async (_request, reply) => {
    reply.header('cache-control', 'public, max-age=300')
    return openidConfiguration(options.issuer)
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
