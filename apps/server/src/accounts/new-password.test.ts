import assert from 'node:assert/strict'
import { test } from 'node:test'
import { passwordProblem } from './new-password.ts'

const ABOUT = ['ada.lovelace@example.com', 'Ada Lovelace']

for (const password of [
  'passwordpassword',
  'Password1234567',
  'P@ssw0rd1234567!',
  'qwertyuiop12345',
  '1qaz2wsx3edc4rfv',
  '1234567890987654321',
  'abcabcabcabcabcabc',
  'aaaaaaaaaaaaaaaaaaaa',
  'baseballfootball',
  'skycrate12345678',
  'administrator123',
  'ada.lovelace@example.com',
  'AdaLovelace12345',
]) {
  test(`a password that attackers try first is refused: ${password}`, () => {
    assert.match(passwordProblem(password, ABOUT) ?? '', /attackers try first/)
  })
}

for (const password of [
  'correct horse battery',
  'no account has this password',
  'xkcd-936 is old news',
  'Zwölf Boxkämpfer jagen',
  '七転び八起き、何度でも立ち上がる',
  'b8Jq2-vT0xKm4pLw9',
  'x'.repeat(3) + ' marks where the gold is',
]) {
  test(`a good password is taken: ${password}`, () => {
    assert.equal(passwordProblem(password, ABOUT), undefined)
  })
}

test('length counts characters of the composed form', () => {
  assert.match(passwordProblem('correct horse b') ?? 'ok', /^ok$/)
  assert.match(passwordProblem('correct horse ') ?? 'ok', /at least 15/)
  // Fifteen code units that are ten characters, and letters that are composed of two.
  assert.match(passwordProblem('🐎🐎🐎🐎🐎horse') ?? 'ok', /at least 15/)
  assert.match(passwordProblem('e\u0301'.repeat(7) + 'x') ?? 'ok', /at least 15/)
})

test('what is no Unicode is no password', () => {
  assert.match(passwordProblem('correct horse \ud800 battery') ?? 'ok', /not valid Unicode/)
})

test('the longest password is looked at at once', () => {
  assert.equal(typeof passwordProblem('aB3'.repeat(341)), 'string')
  assert.equal(
    passwordProblem(
      [...Array(200).keys()]
        .map((n) => `${n * 7919}w`)
        .join('')
        .slice(0, 1024),
    ),
    undefined,
  )
})
