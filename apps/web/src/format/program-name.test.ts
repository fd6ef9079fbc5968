import assert from 'node:assert/strict'
import { test } from 'node:test'
import { programName } from './program-name.ts'

const CASES: readonly (readonly [string | null, string])[] = [
  [null, 'Unknown program'],
  ['', 'Unknown program'],
  ['curl/8.14.1', 'curl/8.14.1'],
  ['aws-cli/2.31 md/awscrt#0.27', 'aws-cli/2.31'],
  ['x'.repeat(500), 'x'.repeat(60)],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0', 'Firefox on Windows'],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15',
    'Safari on macOS',
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    'Chrome on Linux',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0',
    'Edge on Windows',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1 CriOS/142.0 Mobile Safari/604.1',
    'Chrome on iOS',
  ],
]

for (const [userAgent, name] of CASES) {
  test(`${userAgent?.slice(0, 60)} is ${name.slice(0, 40)}`, () => assert.equal(programName(userAgent), name))
}
