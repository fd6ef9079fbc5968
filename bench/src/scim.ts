import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuSecondsOf } from './process-cpu.ts'
import { startSkyCrate } from './skycrate-target.ts'

/** Requests under way at once. */
const PARALLEL = 16
/** Members that one request puts into a group. */
const AT_ONCE = 500

type Send = (method: string, path: string, body: object) => Promise<{ readonly id: string }>

/**
 * A directory provisions so many users, looking for each before it creates them as Microsoft Entra ID does; then all of
 * them go into a group, and all are asked for by pages, as Okta does.
 */
export async function scim(users: number): Promise<void> {
  await using target = await startSkyCrate()
  const agent = new Agent({ keepAlive: true, maxSockets: PARALLEL })
  const sendAs =
    (token: string, base: string): Send =>
    (method, path, body) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          {
            host: '127.0.0.1',
            port: target.port,
            path: base + path,
            method,
            agent,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          },
          (incoming) => {
            const chunks: Buffer[] = []
            incoming.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', reject)
            incoming.on('end', () => {
              const text = Buffer.concat(chunks).toString()
              // As directories do that are told to slow down.
              if (incoming.statusCode === 429) {
                const after = Number(incoming.headers['retry-after'] ?? 1)
                resolve(sleep(after * 1000).then(() => sendAs(token, base)(method, path, body)))
              } else if (incoming.statusCode! >= 400) {
                reject(new Error(`${method} ${path}: ${incoming.statusCode} ${text}`))
              } else resolve(text === '' ? { id: '' } : (JSON.parse(text) as { id: string }))
            })
          },
        ).on('error', reject)
        outgoing.end(method === 'GET' ? undefined : JSON.stringify(body))
      })
  const admin = sendAs(target.token, '/api/v1')
  const { secret } = (await admin('POST', '/directories', { name: 'Bench' })) as unknown as { secret: string }
  const send = sendAs(secret, '/scim/v2')
  const ids: string[] = Array.from({ length: users })

  const before = cpuSecondsOf(target.pids)
  const created = await timed(() =>
    inParallel(users, async (at) => {
      const userName = `person-${at}@example.com`
      await send('GET', `/Users?filter=${encodeURIComponent(`userName eq "${userName}"`)}`, {})
      const user = {
        schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
        externalId: `external-${at}`,
        userName,
        active: true,
        displayName: `Person ${at}`,
        name: { givenName: 'Person', familyName: String(at) },
        emails: [{ primary: true, type: 'work', value: userName }],
      }
      ids[at] = (await send('POST', '/Users', user)).id
    }),
  )
  const cpu = cpuSecondsOf(target.pids) - before
  console.log(
    `${users} users looked for and created in ${created.toFixed(1)} s (${Math.round(users / created)}/s), with ${cpu.toFixed(1)} s of processor time`,
  )
  const group = await send('POST', '/Groups', { displayName: 'Everybody' })
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
  const joined = await timed(async () => {
    for (let at = 0; at < users; at += AT_ONCE) {
      const value = ids.slice(at, at + AT_ONCE).map((id) => ({ value: id }))
      await send('PATCH', `/Groups/${group.id}`, { schemas, Operations: [{ op: 'add', path: 'members', value }] })
    }
  })
  console.log(`put into a group by ${AT_ONCE} in ${joined.toFixed(1)} s`)
  const read = await timed(async () => {
    for (let at = 1; at <= users; at += 100) await send('GET', `/Users?startIndex=${at}&count=100`, {})
  })
  console.log(`read by pages of 100 in ${read.toFixed(1)} s`)
  const replace = [{ op: 'Replace', path: 'active', value: 'False' }]
  const off = await timed(() =>
    inParallel(Math.min(users, 500), (at) => send('PATCH', `/Users/${ids[at]}`, { schemas, Operations: replace })),
  )
  console.log(`${Math.min(users, 500)} of them deactivated in ${off.toFixed(1)} s`)
  agent.destroy()
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1000
}

async function inParallel(count: number, work: (at: number) => Promise<unknown>): Promise<void> {
  let next = 0
  await Promise.all(
    Array.from({ length: PARALLEL }, async () => {
      while (next < count) await work(next++)
    }),
  )
}
