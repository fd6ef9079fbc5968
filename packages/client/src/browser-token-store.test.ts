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

test('only the refresh token reaches the storage', () => {
  const shared = storage()
  browserTokenStore(shared, 's').write({ accessToken: 'secret', accessExpiresAt: 1, refreshToken: 'r1' })
  assert.equal(shared.length, 1)
  assert.equal(shared.getItem('s'), 'r1')
})

test('a reload has the refresh token, and the access token no more', () => {
  const shared = storage()
  browserTokenStore(shared, 's').write({ accessToken: 'a', accessExpiresAt: 1, refreshToken: 'r1' })
  assert.deepEqual(browserTokenStore(shared, 's').read(), { refreshToken: 'r1' })
})

test('a tab sees the refresh token that another tab stored, and keeps its own access token', () => {
  const shared = storage()
  const [one, two] = [browserTokenStore(shared, 's'), browserTokenStore(shared, 's')]
  one.write({ accessToken: 'a1', accessExpiresAt: 1, refreshToken: 'r1' })
  two.write({ accessToken: 'a2', accessExpiresAt: 2, refreshToken: 'r2' })
  assert.deepEqual(one.read(), { accessToken: 'a1', accessExpiresAt: 1, refreshToken: 'r2' })
})

test('a sign-out in one tab is one in all', () => {
  const shared = storage()
  const [one, two] = [browserTokenStore(shared, 's'), browserTokenStore(shared, 's')]
  one.write({ accessToken: 'a1', accessExpiresAt: 1, refreshToken: 'r1' })
  two.clear()
  assert.equal(one.read(), undefined)
})
