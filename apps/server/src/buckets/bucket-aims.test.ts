import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createId } from '@skycrate/core/naming/id'
import { PROTECTIVE } from '../stores/bucket-setting.ts'
import { type BucketOwner, settingsFor } from './bucket-aims.ts'

const user = createId('usr', 0, new Uint8Array(10))
const all = {
  strict: true,
  encryption: 'AES256',
  webOrigins: ['https://files.example.test'],
  tlsOnly: true,
  retentionDays: 30,
} as const
const home = { kind: 'home', userId: user, retentionDays: null } as const

test('a bucket gets every setting, and is closed before it is anything else', () => {
  const kinds = settingsFor(home, all).map((setting) => setting.kind)
  assert.deepEqual(kinds, [
    'public-access-block',
    'encryption',
    'ownership-controls',
    'versioning',
    'cors',
    'lifecycle',
    'tags',
    'tls-only-policy',
  ])
  for (const kind of PROTECTIVE) assert(kinds.includes(kind), kind)
})

test('without web origins there is no CORS, and without TLS no policy that asks for it', () => {
  const kinds = settingsFor(home, { ...all, webOrigins: [], tlsOnly: false }).map((setting) => setting.kind)
  assert(!kinds.includes('cors'))
  assert(!kinds.includes('tls-only-policy'))
})

test('the tags tell a user from the library, and a registered bucket gets none', () => {
  const tagsOf = (owner: BucketOwner) =>
    settingsFor(owner, all).flatMap((setting) => (setting.kind === 'tags' ? [setting.tags] : []))
  assert.deepEqual(tagsOf(home), [{ 'skycrate:managed': 'true', 'skycrate:user': user }])
  const library = { kind: 'library', userId: null, retentionDays: null } as const
  assert.deepEqual(tagsOf(library), [{ 'skycrate:managed': 'true', 'skycrate:user': 'library' }])
  assert.deepEqual(tagsOf({ ...library, kind: 'registered' }), [])
})

test("a bucket's own retention goes before the configuration's", () => {
  const daysOf = (retentionDays: number | null) =>
    settingsFor({ ...home, retentionDays }, all).flatMap((setting) =>
      setting.kind === 'lifecycle' ? [setting.keepOldVersionsDays] : [],
    )
  assert.deepEqual([daysOf(null), daysOf(7)], [[30], [7]])
})
