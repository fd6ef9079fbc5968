import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createId } from '@skycrate/core/naming/id'
import { PROTECTIVE } from '../stores/bucket-setting.ts'
import { desiredSettings } from './desired-settings.ts'

const user = createId('usr', 0, new Uint8Array(10))
const all = { encryption: 'AES256', webOrigins: ['https://files.example.test'], tlsOnly: true } as const

test('a bucket gets every setting, and is closed before it is anything else', () => {
  const kinds = desiredSettings(all, user).map((setting) => setting.kind)
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
  const kinds = desiredSettings({ ...all, webOrigins: [], tlsOnly: false }, user).map((setting) => setting.kind)
  assert(!kinds.includes('cors'))
  assert(!kinds.includes('tls-only-policy'))
})

test('the tags tell a user from the library', () => {
  const tagsOf = (owner: typeof user | null) =>
    desiredSettings(all, owner).flatMap((setting) => (setting.kind === 'tags' ? [setting.tags] : []))
  assert.deepEqual(tagsOf(user), [{ 'skycrate:managed': 'true', 'skycrate:user': user }])
  assert.deepEqual(tagsOf(null), [{ 'skycrate:managed': 'true', 'skycrate:user': 'library' }])
})
