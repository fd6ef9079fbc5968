import { openPasswords } from '../../apps/server/src/accounts/password.ts'
import { measure, type Measured } from './measure.ts'
import { cpuSecondsOf } from './process-cpu.ts'
import { startSkyCrate } from './skycrate-target.ts'
import { printTable } from './table.ts'

const CONNECTIONS = 16
const PASSWORD = 'a password for the bench'
/** So many of one account are let in at once; then one each second. */
const SIGN_INS_EACH = 90
const PEOPLE = 8
/** Passwords that are checked one after the other, to see what one costs. */
const CHECKS = 40

type Row = readonly [what: string, perSecond: number, p50: number, p99: number, cpuMs: number]

/**
 * What signing in costs: a password alone, sign-ins, refreshes, and requests by the session cookie of the web app beside
 * the same by a bearer token.
 */
export async function signIn(options: { readonly rounds: number; readonly seconds: number }): Promise<void> {
  const { rounds, seconds } = options
  await using skyCrate = await startSkyCrate()
  const { host, port, pids, token } = skyCrate
  const url = `http://${host}:${port}/api/v1`
  const own = { 'x-skycrate-session': 'cookie', origin: `http://localhost:${port}` }
  const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
    return response
  }

  const emails = Array.from({ length: PEOPLE }, (_, i) => `person-${i}@example.com`)
  const authorization = `Bearer ${token}`
  for (const email of emails) await (await post('/users', { email, password: PASSWORD }, { authorization })).json()

  const rows: Row[] = [await passwordAlone()]

  // By turns: of one account and network, ten passwords are checked at once.
  const signIns = Array.from({ length: SIGN_INS_EACH }, () => emails).flat()
  const refreshTokens: string[] = []
  rows.push(
    await timed('POST auth/login', pids, signIns.length, async (at) => {
      const answer = await post('/auth/login', { email: signIns[at]!, password: PASSWORD })
      refreshTokens.push(((await answer.json()) as { refresh_token: string }).refresh_token)
    }),
  )

  // The newest: of one user, only fifty sessions go on.
  const chains = refreshTokens.slice(-CONNECTIONS)
  rows.push(
    await timed('POST auth/refresh', pids, 2_000, async (_at, worker) => {
      const answer = await post('/auth/refresh', { refresh_token: chains[worker]! })
      chains[worker] = ((await answer.json()) as { refresh_token: string }).refresh_token
    }),
  )

  const login = await post('/auth/login', { email: 'admin@localhost', password: PASSWORD }, own)
  const cookie = login.headers
    .getSetCookie()
    .map((each) => each.split(';')[0])
    .join('; ')
  const get = (headers: string): string => `GET /api/v1/auth/me HTTP/1.1\r\nhost: ${host}:${port}\r\n${headers}\r\n\r\n`
  const requests = {
    'GET auth/me, bearer token': get(`authorization: ${authorization}`),
    'GET auth/me, session cookie': get(
      `cookie: ${cookie}\r\nx-skycrate-session: cookie\r\nsec-fetch-site: same-origin`,
    ),
  }
  const measured = new Map<string, Measured[]>()
  for (let round = 0; round < rounds; round++) {
    for (const [what, request] of Object.entries(requests)) {
      const job = { host, port, request, connections: CONNECTIONS, warmUpMs: 1000, durationMs: seconds * 1000 }
      measured.set(what, [...(measured.get(what) ?? []), await measure(job, pids)])
    }
  }
  for (const [what, runs] of measured) {
    const median = (field: 'perSecond' | 'p50' | 'p99' | 'cpu'): number =>
      runs.map((run) => run[field]).toSorted((a, b) => a - b)[Math.floor(runs.length / 2)]!
    rows.push([what, median('perSecond'), median('p50'), median('p99'), median('cpu') / 1000])
  }

  printTable(
    ['', 'per second', 'p50 ms', 'p99 ms', 'CPU ms each'],
    rows.map(([what, perSecond, p50, p99, cpuMs]) => [
      what,
      Math.round(perSecond),
      p50.toFixed(2),
      p99.toFixed(2),
      cpuMs.toFixed(2),
    ]),
    `at ${CONNECTIONS} connections, the password alone at one; the last two are medians of ${rounds} rounds of ${seconds} s`,
  )
}

/** As the server checks it, with nothing around it. */
async function passwordAlone(): Promise<Row> {
  const passwords = await openPasswords()
  const hash = await passwords.hash(PASSWORD)
  const times: number[] = []
  const before = process.cpuUsage()
  const start = performance.now()
  for (let i = 0; i < CHECKS; i++) {
    const from = performance.now()
    await passwords.verify(hash, PASSWORD)
    times.push(performance.now() - from)
  }
  const elapsed = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  return ['argon2id alone', (CHECKS * 1000) / elapsed, ...percentiles(times), (user + system) / 1000 / CHECKS]
}

/** @param work of one request; `worker` is the connection that sends it */
async function timed(
  what: string,
  pids: readonly number[],
  count: number,
  work: (at: number, worker: number) => Promise<void>,
): Promise<Row> {
  const times: number[] = []
  const before = cpuSecondsOf(pids)
  const start = performance.now()
  let next = 0
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, worker) => {
      while (next < count) {
        const from = performance.now()
        await work(next++, worker)
        times.push(performance.now() - from)
      }
    }),
  )
  const elapsed = performance.now() - start
  const cpuMs = ((cpuSecondsOf(pids) - before) * 1000) / count
  return [what, (count * 1000) / elapsed, ...percentiles(times), cpuMs]
}

function percentiles(times: readonly number[]): [p50: number, p99: number] {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!
  return [at(0.5), at(0.99)]
}
