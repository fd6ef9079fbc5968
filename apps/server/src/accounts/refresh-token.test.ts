import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newRefreshToken, parseRefreshToken, successorsUnder } from './refresh-token.ts'

test('new tokens and their successors have the shape of one, and no two are alike', () => {
  const successorOf = successorsUnder('secret')
  const tokens = [newRefreshToken(), newRefreshToken()]
  const all = tokens.flatMap((token) => [token, successorOf(token), successorOf(successorOf(token))])
  for (const token of all) assert.equal(parseRefreshToken(token), token)
  assert.equal(new Set(all).size, 6)
})

test('a token has one successor under a secret, and another under another', () => {
  const token = newRefreshToken()
  assert.equal(successorsUnder('secret')(token), successorsUnder('secret')(token))
  assert.notEqual(successorsUnder('secret')(token), successorsUnder('another')(token))
})

for (const text of [
  '',
  'junk',
  'skyr_',
  `skyr_${'a'.repeat(42)}`,
  `skyr_${'a'.repeat(44)}`,
  `skyr_${'a'.repeat(42)}\0`,
]) {
  test(`${JSON.stringify(text)} is no refresh token`, () => assert.equal(parseRefreshToken(text), undefined))
}
