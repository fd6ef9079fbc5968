import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsOfClaims, MAX_GROUPS } from './groups-of-claims.ts'
import type { ClaimNames } from './issuer-settings.ts'

const many = (count: number): string[] => Array.from({ length: count }, (_, i) => `group ${i}`)

const cases: [string, ClaimNames, Record<string, unknown>, unknown][] = [
  ['a list', { groups: 'groups' }, { groups: ['b', 'a', 'b'] }, ['a', 'b']],
  ['no claim', { groups: 'groups' }, {}, []],
  ['null', { groups: 'groups' }, { groups: null }, []],
  ['no setting', {}, { groups: ['a'] }, []],
  ['one text is one group', { groups: 'groups' }, { groups: 'writer, reader' }, ['writer, reader']],
  ['an empty text', { groups: 'groups' }, { groups: '' }, []],
  [
    'one text with a separator',
    { groups: 'groups', groupsSeparator: ',' },
    { groups: 'writer, reader,,writer' },
    ['reader', 'writer'],
  ],
  [
    'a separator leaves lists alone',
    { groups: 'groups', groupsSeparator: ',' },
    { groups: ['Sales, EMEA'] },
    ['Sales, EMEA'],
  ],
  ['a nested claim', { groups: 'realm_access.roles' }, { realm_access: { roles: ['a'] } }, ['a']],
  [
    'a name with dots is a name first',
    { groups: 'https://a.example/groups' },
    { 'https://a.example/groups': ['a'] },
    ['a'],
  ],
  [
    'a path whose segments have dots',
    { groups: ['resource_access', 'my.client', 'roles'] },
    { resource_access: { 'my.client': { roles: ['a'] } } },
    ['a'],
  ],
  ['nothing of the prototype', { groups: 'constructor.name' }, {}, []],
  ['a path through a text', { groups: 'a.length' }, { a: 'text' }, []],
  ['as many as may be', { groups: 'groups' }, { groups: many(MAX_GROUPS) }, many(MAX_GROUPS).toSorted()],
  ['more than may be', { groups: 'groups' }, { groups: many(MAX_GROUPS + 1) }, { refused: 'too-many-groups' }],
  ['a number', { groups: 'groups' }, { groups: 7 }, { refused: 'unreadable-groups' }],
  ['objects', { groups: 'groups' }, { groups: [{ name: 'a' }] }, { refused: 'unreadable-groups' }],
  ['a name too long', { groups: 'groups' }, { groups: ['x'.repeat(257)] }, { refused: 'unreadable-groups' }],
  ['a name that cannot be kept', { groups: 'groups' }, { groups: ['a\0b'] }, { refused: 'unreadable-groups' }],
  ['an ill-formed name', { groups: 'groups' }, { groups: ['\ud800'] }, { refused: 'unreadable-groups' }],
  [
    'a distributed claim',
    { groups: 'groups' },
    { _claim_names: { groups: 'src1' }, _claim_sources: { src1: {} } },
    { refused: 'groups-elsewhere' },
  ],
  ['Entra says only that there are some', { groups: 'groups' }, { hasgroups: true }, { refused: 'groups-elsewhere' }],
]

for (const [what, names, claims, expected] of cases) {
  test(`the groups of a token: ${what}`, () => {
    assert.deepEqual(groupsOfClaims(claims, names), expected)
  })
}
