import assert from 'node:assert/strict'
import { test } from 'node:test'
import { domainOf, parseMailAddress } from './mail-address.ts'

test('an address is one mailbox', () => {
  for (const good of ['ada@example.org', " o'neil+x@mail.example.org ", 'admin@localhost', 'jörg@münchen.example']) {
    assert.equal(parseMailAddress(good), good.trim())
  }
  for (const bad of [
    '',
    'ada',
    '@example.org',
    'ada@',
    'ada@example..org',
    'ada@-example.org',
    'a@b.org,eve@evil.example',
    'a@b.org eve@evil.example',
    'eve@evil.example,a@b.org',
    '<eve@evil.example>a@b.org',
    'eve@evil.example;@b.org',
    '"a b"@example.org',
    'ada@example.org\r\nBcc: eve@evil.example',
    'ada@example.org\0',
    'ada\u200b@example.org',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(60)}`,
    'ada@exam\ud800ple.org',
  ]) {
    assert.equal(parseMailAddress(bad), undefined, JSON.stringify(bad))
  }
})

test('domains have one spelling', () => {
  assert.equal(domainOf(parseMailAddress('Ada@Example.ORG')!), 'example.org')
  assert.equal(domainOf(parseMailAddress('ada@MÜNCHEN.example')!), 'xn--mnchen-3ya.example')
})
