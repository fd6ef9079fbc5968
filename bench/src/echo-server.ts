// The limit that the hot path is held against: Fastify with one route that parses a JSON body and answers with one of the
// size that a presigned URL's answer has. `node echo-server.ts ANSWER`
import fastify from 'fastify'

const answer = JSON.parse(process.argv[2] ?? '{}') as object
const app = fastify({ keepAliveTimeout: 72_000 })
app.post('/', async (request) => ({ ...answer, ...(request.body as object) }))
const address = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`${address}\n`)
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)))
