import { measure, type Measured } from './measure.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'

const CONNECTIONS = 16
const ROUNDS = 3
const SECONDS = 3

/** GET /auth/me by the session cookie of the web app, beside the same by a bearer token: by turns, medians. */
await using skyCrate = await startSkyCrate()
const { host, port, pids, token } = skyCrate
const url = `http://${host}:${port}/api/v1`
const own = { 'x-skycrate-session': 'cookie', origin: `http://localhost:${port}` }
const login = await fetch(`${url}/auth/login`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', ...own },
  body: JSON.stringify({ email: 'admin@localhost', password: 'a password for the bench' }),
})
const cookie = login.headers
  .getSetCookie()
  .map((each) => each.split(';')[0])
  .join('; ')
const get = (headers: string): string => `GET /api/v1/auth/me HTTP/1.1\r\nhost: ${host}:${port}\r\n${headers}\r\n\r\n`
const requests = {
  bearer: get(`authorization: Bearer ${token}`),
  cookie: get(`cookie: ${cookie}\r\nx-skycrate-session: cookie\r\nsec-fetch-site: same-origin`),
}
const measured: Record<keyof typeof requests, Measured[]> = { bearer: [], cookie: [] }
for (let round = 0; round < ROUNDS; round++) {
  for (const kind of ['bearer', 'cookie'] as const) {
    const job = {
      host,
      port,
      request: requests[kind],
      connections: CONNECTIONS,
      warmUpMs: 1000,
      durationMs: SECONDS * 1000,
    }
    measured[kind].push(await measure(job, pids))
  }
}
const median = (runs: readonly Measured[], field: 'perSecond' | 'p99' | 'cpu'): number =>
  runs.map((run) => run[field]).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)]!
printTable(
  ['GET /auth/me', 'requests/s', 'p99 ms', 'CPU us/request'],
  (['bearer', 'cookie'] as const).map((kind) => [
    kind,
    Math.round(median(measured[kind], 'perSecond')),
    median(measured[kind], 'p99').toFixed(2),
    Math.round(median(measured[kind], 'cpu')),
  ]),
  `medians of ${ROUNDS} rounds of ${SECONDS} s at ${CONNECTIONS} connections`,
)
