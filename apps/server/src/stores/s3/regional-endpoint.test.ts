import assert from 'node:assert/strict'
import { test } from 'node:test'
import { regionalEndpoint } from './regional-endpoint.ts'

test('an endpoint that names its region is changed to the other, one that names none stays', () => {
  const cases = [
    ['https://s3.eu-central-1.amazonaws.com', 'eu-central-1', 'us-west-2', 'https://s3.us-west-2.amazonaws.com'],
    [
      'https://s3.dualstack.eu-west-1.amazonaws.com',
      'eu-west-1',
      'eu-west-3',
      'https://s3.dualstack.eu-west-3.amazonaws.com',
    ],
    ['https://s3.amazonaws.com', 'us-east-1', 'eu-west-1', 'https://s3.eu-west-1.amazonaws.com'],
    ['https://s3.amazonaws.com', 'us-east-1', 'us-east-1', 'https://s3.amazonaws.com'],
    [
      'https://s3.cn-north-1.amazonaws.com.cn',
      'cn-north-1',
      'cn-northwest-1',
      'https://s3.cn-northwest-1.amazonaws.com.cn',
    ],
    [
      'https://s3.eu-central-1.wasabisys.com:8443',
      'eu-central-1',
      'us-west-1',
      'https://s3.us-west-1.wasabisys.com:8443',
    ],
    ['https://ceph.example.com', 'RegionOne', 'RegionTwo', 'https://ceph.example.com'],
    ['http://127.0.0.1:9000', 'us-east-1', 'eu-west-1', 'http://127.0.0.1:9000'],
    [
      'https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com',
      'us-east-1',
      'eu-west-1',
      'https://bucket.vpce-1.s3.us-east-1.vpce.amazonaws.com',
    ],
  ] as const
  for (const [endpoint, from, to, expected] of cases) assert.equal(regionalEndpoint(endpoint, from, to), expected)
})
