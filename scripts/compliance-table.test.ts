import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { complianceRows, mistakeOf } from './compliance-rows.ts'

const root = new URL('../', import.meta.url)
const rows = complianceRows(readFileSync(new URL('docs/compliance.md', root), 'utf8'))

/** The standards and implementation specifications of 45 CFR 164.312, then the list of points. */
const SAFEGUARDS = [
  '164.312(a)(1)',
  '164.312(a)(2)(i)',
  '164.312(a)(2)(ii)',
  '164.312(a)(2)(iii)',
  '164.312(a)(2)(iv)',
  '164.312(b)',
  '164.312(c)(1)',
  '164.312(c)(2)',
  '164.312(d)',
  '164.312(e)(1)',
  '164.312(e)(2)(i)',
  '164.312(e)(2)(ii)',
  'Encryption in transit',
  'Encryption at rest',
  'Access control',
  'Audit log',
  'User authentication',
  'Session management',
  'No PHI in logs',
]

test('docs/compliance.md answers every safeguard of 164.312 and every point of the list', () => {
  const named = rows.map(({ safeguard }) => safeguard.split(': ')[0])
  assert.deepEqual(named.slice(0, SAFEGUARDS.length), SAFEGUARDS)
})

test('each row is proved by a test that is there, or by a resource of a template', () => {
  for (const { safeguard, tests, resources } of rows) {
    assert.ok(tests.length + resources.length > 0, `${safeguard} has no proof`)
    for (const path of tests) {
      assert.ok(existsSync(new URL(path, root)), `${safeguard}: there is no ${path}`)
      assert.match(readFileSync(new URL(path, root), 'utf8'), /\btest\(/, `${safeguard}: ${path} tests nothing`)
    }
  }
})

test('a claim on a template is wrong where type, property or value are missing', () => {
  const template = { Database: { Type: 'AWS::RDS::DBInstance', Properties: { MultiAZ: true, Tags: { a: 'b' } } } }
  const claim = (text: string) => complianceRows(`| s | w | ${text} | d |`)[0]!.resources[0]!
  for (const [text, mistake] of [
    ['`AWS::RDS::DBInstance MultiAZ=true`', undefined],
    ['`AWS::RDS::DBInstance Tags.a=b`', undefined],
    ['`AWS::RDS::DBInstance Tags.a`', undefined],
    ['`AWS::RDS::DBInstance MultiAZ=false`', /has MultiAZ=true, and not false/],
    ['`AWS::RDS::DBInstance StorageEncrypted`', /has no StorageEncrypted/],
    ['`AWS::RDS::DBCluster MultiAZ=true`', /no template has/],
  ] as const) {
    const found = mistakeOf(claim(text), [template])
    if (mistake === undefined) assert.equal(found, undefined, text)
    else assert.match(found ?? '', mistake)
  }
})
