// Whether the server of this container answers; for the container's health check.
import { get } from 'node:http'
import { get as getByTls } from 'node:https'

const { SKYCRATE_HTTP_PORT: port = '8080', SKYCRATE_TLS_CERT: certificate } = process.env
const options = { host: '127.0.0.1', port, path: '/healthz', timeout: 4000 }
// The certificate is for another name, and whether it is trusted is the clients' question.
const asked = certificate ? getByTls({ ...options, rejectUnauthorized: false }) : get(options)
asked
  .once('response', ({ statusCode }) => process.exit(statusCode === 200 ? 0 : 1))
  .once('timeout', () => process.exit(1))
  .once('error', () => process.exit(1))
