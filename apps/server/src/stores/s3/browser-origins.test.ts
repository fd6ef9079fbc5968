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
        browserOrigins({ ...target, region: 'eu-central-1' }, []).some((source) => allows(source, origin)),
        `${origin} by ${browserOrigins({ ...target, region: 'eu-central-1' }, []).join(' ')}`,
      )
    }
  }
})

test('no host is allowed that no URL points to', () => {
  assert.deepEqual(
    browserOrigins({ publicEndpoint: 'https://s3.example.com', addressing: 'path', region: 'eu-central-1' }, []),
    ['https://s3.example.com'],
  )
  assert.deepEqual(
    browserOrigins({ publicEndpoint: 'http://127.0.0.1:9000', addressing: 'virtual', region: 'us-east-1' }, []),
    ['http://127.0.0.1:9000'],
  )
})

test('buckets in other regions have origins of their own', () => {
  const target = { publicEndpoint: 'https://s3.eu-central-1.amazonaws.com', region: 'eu-central-1' } as const
  assert.deepEqual(browserOrigins({ ...target, addressing: 'path' }, ['us-west-2']), [
    'https://s3.eu-central-1.amazonaws.com',
    'https://s3.us-west-2.amazonaws.com',
  ])
})
