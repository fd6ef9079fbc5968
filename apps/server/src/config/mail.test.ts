import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mailConfig, parseSmtpUrl } from './mail.ts'

test('the URL of an SMTP server says how it is secured', () => {
  const valueOf = (text: string) => {
    const parsed = parseSmtpUrl(text)
    return 'value' in parsed ? parsed.value : parsed.mistake
  }
  const anonymous = { user: undefined, password: undefined }
  assert.deepEqual(valueOf('smtp://u%40x:p%2Fw@smtp.example.com'), {
    host: 'smtp.example.com',
    port: 587,
    security: 'starttls',
    user: 'u@x',
    password: 'p/w',
  })
  assert.deepEqual(valueOf('smtps://mail.example.com'), {
    host: 'mail.example.com',
    port: 465,
    security: 'implicit',
    ...anonymous,
  })
  assert.deepEqual(valueOf('smtp://[::1]:25'), { host: '::1', port: 25, security: 'none', ...anonymous })
  assert.deepEqual(valueOf('smtp://mailpit:1025?tls=none'), {
    host: 'mailpit',
    port: 1025,
    security: 'none',
    ...anonymous,
  })
  for (const wrong of [
    'smtp.example.com:587',
    'https://smtp.example.com',
    'smtp://',
    'smtp://a/b',
    'smtp://a?tls=maybe',
    'smtp://a?secure=1',
    'smtps://a?tls=none',
    'smtp://:p@a',
  ]) {
    assert.equal(typeof valueOf(wrong), 'string', wrong)
  }
})

test('without a sender the host of the public URL has one', () => {
  assert.equal(mailConfig(undefined, undefined, 'https://files.example.com').from, 'skycrate@files.example.com')
  assert.equal(mailConfig(undefined, undefined, 'http://127.0.0.1:8080').from, 'skycrate@localhost')
})
