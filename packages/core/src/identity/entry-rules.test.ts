import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EntryRules, entryRefusal } from './entry-rules.ts'

const ADA = { email: 'ada@Example.com', emailVerified: true, groups: ['staff', 'editors'] }
const CASES: readonly (readonly [string, EntryRules | undefined, Partial<typeof ADA> | object, string | undefined])[] =
  [
    ['no rules let everybody in', undefined, { email: null, emailVerified: null, groups: [] }, undefined],
    ['empty rules let everybody in', {}, { email: null, emailVerified: null, groups: [] }, undefined],
    ['a domain has no case', { emailDomains: ['example.COM'] }, {}, undefined],
    [
      'a domain below it is another',
      { emailDomains: ['example.com'] },
      { email: 'a@evil.example.com' },
      'other-email-domain',
    ],
    [
      'a domain that ends alike is another',
      { emailDomains: ['example.com'] },
      { email: 'a@badexample.com' },
      'other-email-domain',
    ],
    [
      'what stands after the last @ counts',
      { emailDomains: ['example.com'] },
      { email: 'a@example.com@evil.org' },
      'other-email-domain',
    ],
    ['no domain is nobody', { emailDomains: [] }, {}, 'other-email-domain'],
    [
      'an address that is not verified is in no domain',
      { emailDomains: ['example.com'] },
      { emailVerified: false },
      'email-not-verified',
    ],
    [
      'an address of which nothing is said is in no domain',
      { emailDomains: ['example.com'] },
      { emailVerified: null },
      'email-not-verified',
    ],
    ['no address is not verified', { emailVerified: true }, { email: null, emailVerified: null }, 'email-not-verified'],
    ['a verified address', { emailVerified: true }, {}, undefined],
    ['a rule that is off', { emailVerified: false }, { emailVerified: false }, undefined],
    ['one group is enough', { groups: ['owners', 'editors'] }, {}, undefined],
    ['a group has a case', { groups: ['Editors'] }, {}, 'not-in-group'],
    ['no group', { groups: ['editors'] }, { groups: [] }, 'not-in-group'],
    ['every rule must be met', { emailDomains: ['example.com'], groups: ['owners'] }, {}, 'not-in-group'],
  ]
for (const [name, rules, change, expected] of CASES) {
  test(name, () => assert.equal(entryRefusal(rules, { ...ADA, ...change }), expected))
}
