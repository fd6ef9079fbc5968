import type { FastifyInstance } from 'fastify'

/** The documents share their origin with the web app and its session, so they are held to a policy like it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Swagger UI writes styles at run time.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * The API's documents for people, at /docs, drawn from the very document that is served at /openapi.json. What draws them is
 * loaded for the first who reads them.
 */
export function registerDocs(app: FastifyInstance, document: object): void {
  let drawn: Promise<FastifyInstance> | undefined
  for (const url of ['/docs', '/docs/*']) {
    app.get(url, async (request, reply) => {
      drawn ??= draw(document)
      const docs = await drawn
      const { statusCode, headers, rawPayload } = await docs.inject({ method: 'GET', url: request.url })
      for (const name of KEPT) if (headers[name] !== undefined) reply.header(name, headers[name])
      return reply.code(statusCode).send(rawPayload)
    })
  }
}

/** Headers of what is drawn; connection and length are those of the answer. */
const KEPT = ['content-type', 'content-security-policy', 'location', 'cache-control', 'etag', 'last-modified']

async function draw(document: object): Promise<FastifyInstance> {
  const [{ default: fastify }, { default: swagger }, { default: swaggerUi }] = await Promise.all([
    import('fastify'),
    import('@fastify/swagger'),
    import('@fastify/swagger-ui'),
  ])
  const docs = fastify()
  await docs.register(swagger, { mode: 'static', specification: { document: document as never } })
  await docs.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: POLICY,
    uiConfig: { docExpansion: 'list', deepLinking: true, persistAuthorization: false },
  })
  await docs.ready()
  return docs
}
