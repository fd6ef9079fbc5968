import assert from 'node:assert/strict'
import { Agent } from 'node:http'
import { apiOf } from '../api.ts'
import { poll } from '../poll.ts'
import { decidedAlike } from './api.ts'
import { sessionsOf } from './doors.ts'
import {
  ACTIONS,
  type Asked,
  type Caller,
  isAllowed,
  isSayable,
  isWithin,
  type Operation,
  placeOf,
  type Row,
} from './model.ts'
import { randomOf } from './random.ts'
import { storeOf } from './store.ts'

const BUCKETS = ['skycrate-diff', 'skycrate-diff2']
const SEGMENTS = [
  ['a', 'a2', 'ab', 'A', 'b', '*', 'a*', '?', '$', '$x', 'é', 'e\u0301', '日本', '😀', '"', "'", '%2F', 'a%2Fb'],
  ['...', ' ', '+', '&=#', '<x>', '[a]', 'x,y', '\u2028', 'private', '${user.id}', 'u${user.id}'],
].flat()
const CONCURRENCY = 12

/** @throws AssertionError with the seed where an answer differs */
export async function compare(asked: Asked): Promise<{ asked: number; allowed: number; refused: number }> {
  const { admin, engine, issuer, system, seed } = asked
  const random = randomOf(seed)
  const one = <T>(from: readonly T[]): T => from[random(from.length)]!
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY })
  const store = storeOf(asked, agent)

  const person = async (name: string, groups: readonly string[]): Promise<Caller> => {
    const token = issuer.token({ sub: name, aud: 'files', groups, exp: Math.floor(Date.now() / 1000) + 3600 })
    const api = apiOf(system.url, token)
    const me = await api.get('/auth/me')
    assert.equal(me.status, 200, me.text)
    return { name, api, token, id: me.json<{ id: string }>().id, isStaff: groups.includes('staff') }
  }
  const guest = { name: 'guest', api: apiOf(system.url, undefined), id: undefined, token: undefined, isStaff: false }
  const callers: Caller[] = [await person('u1', ['staff']), await person('u12', []), guest]
  const people = callers.flatMap(({ id }) => id ?? [])

  for (const name of BUCKETS) {
    const made = await admin.post('/buckets', { name, mode: 'create' })
    assert.equal(made.status, 201, made.text)
    await poll(`${name} is ready`, 60_000, async () => {
      const bucket = await admin.get(`/buckets/default/${name}`)
      return bucket.json<{ state: string }>().state === 'ready'
    })
  }

  const rowOf = (): Row => {
    const parts = Array.from({ length: random(4) }, () => one(SEGMENTS))
    const actions = ACTIONS.filter(() => random(3) > 0)
    return {
      principal: one<Row['principal']>([
        { kind: 'everyone' },
        { kind: 'guest' },
        { kind: 'user', userId: one(people) },
        { kind: 'group', group: 'staff', issuer: issuer.issuer },
        { kind: 'group', group: 'staff' },
      ]),
      bucket: one(BUCKETS),
      prefix: parts.map((part) => `${part}/`).join(''),
      actions: actions.length > 0 ? actions : ['read'],
    }
  }
  const keyNear = (place: string): string => {
    const tail = Array.from({ length: 1 + random(2) }, () => one(SEGMENTS)).join('/')
    switch (random(7)) {
      case 0:
        return `${place.slice(0, -1)}${one(SEGMENTS)}/${tail}`
      case 1:
        return place.replace(/[*?$]/, () => one(['x', 'xy', '/', '*'])) + tail
      case 2:
        return place === '' ? tail : place.slice(0, -1)
      case 3:
        return `/${place}${tail}`
      case 4:
        return `${place}../${tail}`
      default:
        return place + tail
    }
  }

  const base = (await admin.get('/permissions?limit=1000')).json<{ permissions: Row[] }>().permissions
  let done = 0
  let allowed = 0
  let refused = 0
  const made = new Set<string>()
  /** Of each bucket, what is there to be read. */
  const there = new Map<string, Set<string>>(BUCKETS.map((bucket) => [bucket, new Set()]))

  for (let round = 0; done < asked.cases; round++) {
    for (const id of made) assert.equal((await admin.delete(`/permissions/${id}`)).status, 204)
    made.clear()
    // A guest has no id, so that such a row is refused.
    const written = Array.from({ length: 2 + random(4) }, rowOf).filter(
      ({ principal, prefix }) => principal.kind !== 'guest' || !prefix.includes('${'),
    )
    if (written.length === 0) continue
    for (const row of written) {
      const answer = await admin.post('/permissions', row)
      assert.ok(answer.status === 201 || answer.status === 200, `seed ${seed}: ${answer.text}`)
      made.add(answer.json<{ id: string }>().id)
    }

    const rows = [...base, ...written]
    for (const caller of callers) {
      const places = written.map(({ bucket, prefix }) => ({ bucket, prefix: placeOf(prefix, caller) ?? prefix }))
      const operations = (length: number): Operation[] =>
        Array.from({ length }, () => {
          const { prefix, bucket } = one(places)
          const action = one(ACTIONS)
          const key = action === 'list' && random(6) === 0 ? undefined : keyNear(prefix)
          return { action, bucket: random(8) > 0 ? bucket : one(BUCKETS), key: key === '' ? 'a' : key }
        })
      const about = (what: string): string =>
        `seed ${seed}, round ${round}, ${caller.name}: ${what}\n${JSON.stringify(written)}`

      await decidedAlike(caller, operations(30), rows, about)
      const sessions = await sessionsOf(asked, caller, rows, one(places), random, about)
      refused += 4 - sessions.length
      for (const session of sessions) {
        const wanted = operations(12)
        // What a place begins, so that it is asked about as often as what it does not.
        if (session.only) {
          const { bucket, prefix } = session.only
          for (const action of ACTIONS) wanted.push({ action, bucket, key: keyNear(prefix) || 'a' })
        }
        await eachOf(wanted, CONCURRENCY, async ({ bucket, key, action }) => {
          const keys = there.get(bucket)!
          if (action !== 'read' || keys.has(key!)) return
          keys.add(key!)
          await store.create(bucket, key!)
        })
        const choices = wanted.map(() => random(6))
        await eachOf(wanted, CONCURRENCY, async (operation, index) => {
          const sayable = rows.filter(({ prefix }) => session.only || isSayable(engine, placeOf(prefix, caller) ?? ''))
          const expected = isAllowed(sayable, caller, operation) && isWithin(session, operation)
          const answer = await store.ask(session.keys, operation, choices[index]!)
          done++
          if (expected) allowed++
          const what = `${session.door}, ${JSON.stringify(operation)}, way ${choices[index]}`
          assert.equal(answer, expected, about(`${what}, for ${JSON.stringify(session.only ?? 'everything')}`))
        })
      }
    }
  }
  agent.destroy()
  return { asked: done, allowed, refused }
}

async function eachOf<T>(
  items: readonly T[],
  concurrency: number,
  act: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) await act(items[index]!, index)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}
