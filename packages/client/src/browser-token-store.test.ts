import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserTokenStore } from './browser-token-store.ts'

function storage(): Storage {
  const items = new Map<string, string>()
  return {
    get length() {
      return items.size
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (name) => items.get(name) ?? null,
    setItem: (name, value) => void items.set(name, value),
    removeItem: (name) => void items.delete(name),
    clear: () => items.clear(),
  }
}

const held = { accessToken: 'a1', accessExpiresAt: 1, refreshToken: 'r1' }

test('the access token stays out of what tabs share', () => {
  const shared = storage()
  browserTokenStore(shared, storage(), 's').write(held)
  assert.equal(shared.getItem('s'), 'r1')
  for (let i = 0; i < shared.length; i++) assert.notEqual(shared.getItem(shared.key(i) ?? ''), 'a1')
})

test('a reload goes on with the access token; another tab has the refresh token alone', () => {
  const [shared, own] = [storage(), storage()]
  browserTokenStore(shared, own, 's').write(held)
  assert.deepEqual(browserTokenStore(shared, own, 's').read(), held)
  assert.deepEqual(browserTokenStore(shared, storage(), 's').read(), { refreshToken: 'r1' })
})

test('a tab sees the refresh token that another tab stored, and keeps its own access token, also when it is reloaded', () => {
  const [shared, own] = [storage(), storage()]
  const [one, two] = [browserTokenStore(shared, own, 's'), browserTokenStore(shared, storage(), 's')]
  one.write(held)
  two.write({ accessToken: 'a2', accessExpiresAt: 2, refreshToken: 'r2' })
  assert.deepEqual(one.read(), { ...held, refreshToken: 'r2' })
  assert.deepEqual(browserTokenStore(shared, own, 's').read(), { ...held, refreshToken: 'r2' })
})

test('a sign-out in one tab is one in all', () => {
  const shared = storage()
  const [one, two] = [browserTokenStore(shared, storage(), 's'), browserTokenStore(shared, storage(), 's')]
  one.write(held)
  two.clear()
  assert.equal(one.read(), undefined)
})

test('an access token of the session before is never used for who signed in since', () => {
  const [shared, own] = [storage(), storage()]
  const [one, two] = [browserTokenStore(shared, own, 's'), browserTokenStore(shared, storage(), 's')]
  one.write(held)
  two.clear()
  two.write({ accessToken: 'b1', accessExpiresAt: 2, refreshToken: 'q1' })
  assert.deepEqual(one.read(), { refreshToken: 'q1' })
  assert.deepEqual(browserTokenStore(shared, own, 's').read(), { refreshToken: 'q1' })
})

test('what is not ours in the storage is passed over', () => {
  for (const text of ['', 'null', '{}', '[1]', '{"session":"x"']) {
    const [shared, own] = [storage(), storage()]
    browserTokenStore(shared, storage(), 's').write(held)
    own.setItem('s', text)
    assert.deepEqual(browserTokenStore(shared, own, 's').read(), { refreshToken: 'r1' }, text)
  }
})
