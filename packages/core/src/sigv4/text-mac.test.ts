import assert from 'node:assert/strict'
import { createHmac, createSecretKey, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { textMac } from './text-mac.ts'

test('it is the HMAC of the standard library, for keys and texts of any length', () => {
  for (const size of [0, 1, 31, 32, 63, 64, 65, 200]) {
    const key = createSecretKey(randomBytes(size))
    const mac = textMac(key)
    const texts = ['', 'a', 'é', '日本', 'x'.repeat(511), 'x'.repeat(512), 'x'.repeat(513), '\0', 'a\nb', 'a']
    for (const text of texts) {
      assert.equal(mac(text), createHmac('sha256', key).update(text).digest('hex'), `${size}: ${text.slice(0, 20)}`)
    }
  }
})
