import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openApiDocument } from '@skycrate/contract/openapi'
import { createLogger } from '../process/logger.ts'
import { createApp } from './app.ts'
import { registerDocs } from './docs.ts'

test('the documents share an origin with the web app: no foreign or inline script, and no frame around them', async () => {
  const app = createApp({ logger: createLogger('silent'), trustedProxies: 0 })
  registerDocs(app, openApiDocument('0.0.0'))
  const page = await app.inject('/docs/')
  assert.equal(page.statusCode, 200)
  const policy = String(page.headers['content-security-policy'])
  assert.match(policy, /default-src 'none'; script-src 'self';/)
  assert.match(policy, /frame-ancestors 'none'/)
  assert.equal(page.headers['x-content-type-options'], 'nosniff')
  const scripts = [...page.body.matchAll(/<script([^>]*)>/g)].map(([, attributes]) => attributes ?? '')
  assert.ok(
    scripts.length > 0 && scripts.every((attributes) => attributes.includes('src="')),
    'the policy lets all run',
  )
  const [, source] = /src="([^"]+initializer[^"]*)"/.exec(page.body) ?? []
  const { pathname } = new URL(source ?? '', 'http://localhost/docs/')
  assert.equal((await app.inject(pathname)).statusCode, 200, pathname)
})
