import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import staticFiles from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { sendProblem } from './problems.ts'

const DIST = fileURLToPath(new URL('../../../web/dist/', import.meta.url))

/**
 * Serves the built web app, every page of it from its index, under a policy that lets it talk to the API and the store
 * and to nobody else; and answers what is not there.
 *
 * @param storeOrigins where presigned URLs point, as sources of the policy
 * @returns whether there was a built web app to serve
 */
export async function registerWebApp(app: FastifyInstance, storeOrigins: () => readonly string[]): Promise<boolean> {
  if (!existsSync(`${DIST}index.html`)) {
    app.setNotFoundHandler((request, reply) => sendProblem(new AppError('not-found'), request, reply))
    app.get('/', async () => {
      throw new AppError('not-found', 'The web app is not built; npm start builds it.')
    })
    return false
  }
  const policyFor = (origins: readonly string[]): string =>
    [
      "default-src 'none'",
      "script-src 'self'",
      // The component library writes its styles at run time.
      "style-src 'self' 'unsafe-inline'",
      `img-src 'self' data: blob: ${origins.join(' ')}`,
      `media-src ${origins.join(' ') || "'none'"}`,
      "font-src 'self'",
      `connect-src 'self' ${origins.join(' ')}`,
      "manifest-src 'self'",
      "base-uri 'none'",
      "form-action 'self'",
      "frame-ancestors 'none'",
    ].join('; ')
  await app.register(staticFiles, {
    root: DIST,
    wildcard: false,
    index: false,
    preCompressed: true,
    setHeaders(reply, path) {
      // Hashed names never change what they hold.
      reply.header('cache-control', path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache')
      // By whatever address the page is asked for, its own file name included.
      if (path.endsWith('.html')) {
        reply.header('content-security-policy', policyFor(storeOrigins()))
        reply.header('referrer-policy', 'no-referrer')
      }
    },
  })
  const page = (reply: { sendFile(name: string): unknown }): unknown => reply.sendFile('index.html')
  app.get('/', (_request, reply) => page(reply))
  app.setNotFoundHandler((request, reply) => {
    const wantsPage = request.method === 'GET' && (request.headers.accept ?? '').includes('text/html')
    const isApi = /^\/(api|scim|sts|cognito-identity|assets)(\/|$)/.test(request.url)
    return wantsPage && !isApi ? page(reply) : sendProblem(new AppError('not-found'), request, reply)
  })
  return true
}
