import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAddresser } from '@skycrate/core/sigv4/address'
import { browserOrigins } from './browser-origins.ts'

/** As a browser matches the host of a source: `*.` stands for one or more labels in front. */
function allows(source: string, origin: string): boolean {
  const [scheme, host] = source.split('//') as [string, string]
  const [otherScheme, otherHost] = origin.split('//') as [string, string]
  return scheme === otherScheme && (host.startsWith('*.') ? otherHost.endsWith(host.slice(1)) : host === otherHost)
}

test('the web app may talk to every bucket that a presigned URL points to, however buckets are addressed', () => {
  const targets = [
    { publicEndpoint: 'https://s3.eu-central-1.amazonaws.com', addressing: 'virtual' },
    { publicEndpoint: 'https://files.example.com:8443', addressing: 'virtual' },
    { publicEndpoint: 'https://files.example.com', addressing: 'path' },
    { publicEndpoint: 'http://127.0.0.1:9000', addressing: 'path' },
    { publicEndpoint: 'http://127.0.0.1:9000', addressing: 'virtual' },
  ] as const
  for (const target of targets) {
    const addressOf = createAddresser(target.publicEndpoint, target.addressing)
    for (const bucket of ['skycrate-01k', 'our.library']) {
      const { origin } = addressOf(bucket, 'k')
      assert.ok(
        browserOrigins(target).some((source) => allows(source, origin)),
        `${origin} by ${browserOrigins(target).join(' ')}`,
      )
    }
  }
})

test('no host is allowed that no URL points to', () => {
  assert.deepEqual(browserOrigins({ publicEndpoint: 'https://s3.example.com', addressing: 'path' }), [
    'https://s3.example.com',
  ])
  assert.deepEqual(browserOrigins({ publicEndpoint: 'http://127.0.0.1:9000', addressing: 'virtual' }), [
    'http://127.0.0.1:9000',
  ])
})
