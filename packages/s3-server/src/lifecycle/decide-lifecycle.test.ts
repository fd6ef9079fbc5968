import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readXml } from '@skycrate/aws-wire/read-xml'
import { decideLifecycle } from './decide-lifecycle.ts'
import type { LifecycleSubject } from './decide-lifecycle.ts'
import { readLifecycle } from './read-lifecycle.ts'

const DAY = 86_400_000
const MADE = Date.UTC(2026, 0, 15, 10, 30)
const MIDNIGHT = Date.UTC(2026, 0, 16)
const FILTER = '<Filter/>'

const CURRENT: LifecycleSubject = {
  key: 'logs/a',
  size: 200_000,
  tags: [['keep', 'no']],
  storageClass: 'STANDARD',
  modifiedAt: MADE,
  isDeleteMarker: false,
  place: { kind: 'current', isOnly: true },
}
const noncurrent = (newerVersions: number): LifecycleSubject => ({
  ...CURRENT,
  modifiedAt: MADE - 100 * DAY,
  place: { kind: 'noncurrent', since: MADE, newerVersions },
})
const MARKER: LifecycleSubject = { ...CURRENT, size: 0, tags: [], isDeleteMarker: true }

const days = (text: string): string => `${FILTER}<Expiration><Days>${text}</Days></Expiration>`
const KEEP_TWO = `${FILTER}<NoncurrentVersionExpiration><NoncurrentDays>2</NoncurrentDays><NewerNoncurrentVersions>2</NewerNoncurrentVersions></NoncurrentVersionExpiration>`
const MOVES = `${FILTER}<Transition><Days>30</Days><StorageClass>STANDARD_IA</StorageClass></Transition><Transition><Days>60</Days><StorageClass>GLACIER</StorageClass></Transition>`
const EXPIRED_MARKERS = `${FILTER}<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>`
const ONE_DAY = '<Expiration><Days>1</Days></Expiration>'

const CASES: readonly (readonly [
  name: string,
  rule: string,
  subject: LifecycleSubject,
  now: number,
  action: string,
])[] = [
  ['before the midnight after its days an object stays', days('1'), CURRENT, MIDNIGHT + DAY - 1, 'none'],
  ['from the midnight after its days on it expires', days('1'), CURRENT, MIDNIGHT + DAY, 'expire'],
  [
    'a date is due when it comes',
    `${FILTER}<Expiration><Date>2026-01-20T00:00:00Z</Date></Expiration>`,
    CURRENT,
    Date.UTC(2026, 0, 20),
    'expire',
  ],
  ['the old form of a prefix counts', `<Prefix>logs/</Prefix>${ONE_DAY}`, CURRENT, MIDNIGHT + DAY, 'expire'],
  ['another prefix does not', `<Prefix>log/</Prefix>${ONE_DAY}`, CURRENT, MIDNIGHT + DAY, 'none'],
  [
    'a tag must have its value',
    `<Filter><Tag><Key>keep</Key><Value>yes</Value></Tag></Filter>${ONE_DAY}`,
    CURRENT,
    MIDNIGHT + DAY,
    'none',
  ],
  [
    'all parts of And must hold, and do',
    `<Filter><And><Prefix>logs/</Prefix><Tag><Key>keep</Key><Value>no</Value></Tag><ObjectSizeGreaterThan>199999</ObjectSizeGreaterThan></And></Filter>${ONE_DAY}`,
    CURRENT,
    MIDNIGHT + DAY,
    'expire',
  ],
  [
    'a size bound is not part of what it bounds',
    `<Filter><ObjectSizeGreaterThan>200000</ObjectSizeGreaterThan></Filter>${ONE_DAY}`,
    CURRENT,
    MIDNIGHT + DAY,
    'none',
  ],
  ['a noncurrent version is not expired by days', days('1'), noncurrent(5), MIDNIGHT + 9 * DAY, 'none'],
  ['a noncurrent version goes days after it was succeeded', KEEP_TWO, noncurrent(2), MIDNIGHT + 2 * DAY, 'remove'],
  ['but not before', KEEP_TWO, noncurrent(2), MIDNIGHT + 2 * DAY - 1, 'none'],
  ['the newest noncurrent versions are spared', KEEP_TWO, noncurrent(1), MIDNIGHT + 9 * DAY, 'none'],
  ['a marker alone goes at once', EXPIRED_MARKERS, MARKER, MADE, 'remove'],
  [
    'a marker that hides something stays',
    EXPIRED_MARKERS,
    { ...MARKER, place: { kind: 'current', isOnly: false } },
    MADE,
    'none',
  ],
  ['a marker alone goes by days too', days('1'), MARKER, MIDNIGHT + DAY, 'remove'],
  ['the first class it is due for', MOVES, CURRENT, MIDNIGHT + 30 * DAY, 'STANDARD_IA'],
  ['the coldest class it is due for', MOVES, CURRENT, MIDNIGHT + 60 * DAY, 'GLACIER'],
  ['never back to a warmer class', MOVES, { ...CURRENT, storageClass: 'DEEP_ARCHIVE' }, MIDNIGHT + 60 * DAY, 'none'],
  ['small objects are not moved', MOVES, { ...CURRENT, size: 131_071 }, MIDNIGHT + 60 * DAY, 'none'],
]

for (const [name, rule, subject, now, expected] of CASES) {
  test(name, () => {
    const document = `<LifecycleConfiguration><Rule><Status>Enabled</Status>${rule}</Rule></LifecycleConfiguration>`
    const configuration = readLifecycle(readXml(document, 'LifecycleConfiguration'), undefined)
    const action = decideLifecycle(configuration, subject, now)
    assert.equal(action.kind === 'transition' ? action.storageClass : action.kind, expected)
    const off = { ...configuration, rules: configuration.rules.map((one) => ({ ...one, enabled: false })) }
    assert.equal(decideLifecycle(off, subject, now).kind, 'none')
  })
}

const REFUSED: readonly (readonly [name: string, rule: string, code: string])[] = [
  ['neither filter nor prefix', ONE_DAY, 'MalformedXML'],
  ['no action', FILTER, 'InvalidRequest'],
  ['zero days', days('0'), 'InvalidArgument'],
  [
    'a date in the midst of a day',
    `${FILTER}<Expiration><Date>2026-01-20T01:00:00Z</Date></Expiration>`,
    'InvalidArgument',
  ],
  ['a date that is none', `${FILTER}<Expiration><Date>20260120</Date></Expiration>`, 'MalformedXML'],
  ['days and a date', `${FILTER}<Expiration><Days>1</Days><Date>2026-01-20</Date></Expiration>`, 'MalformedXML'],
  [
    'markers by tag',
    '<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter><Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>',
    'InvalidRequest',
  ],
  [
    'two predicates without And',
    `<Filter><Prefix/><ObjectSizeLessThan>5</ObjectSizeLessThan></Filter>${ONE_DAY}`,
    'MalformedXML',
  ],
  [
    'an infrequent class too soon',
    `${FILTER}<Transition><Days>29</Days><StorageClass>STANDARD_IA</StorageClass></Transition>`,
    'InvalidArgument',
  ],
  [
    'a class that does not exist',
    `${FILTER}<Transition><Days>29</Days><StorageClass>COLD</StorageClass></Transition>`,
    'MalformedXML',
  ],
  ['expiration before transition', `${MOVES}<Expiration><Days>60</Days></Expiration>`, 'InvalidArgument'],
  ['more newer versions than S3 counts', KEEP_TWO.replace('Versions>2<', 'Versions>101<'), 'InvalidArgument'],
  ['an element that S3 does not have', `${days('1')}<Shred/>`, 'MalformedXML'],
]

for (const [name, rule, code] of REFUSED) {
  test(`a rule with ${name} is refused`, () => {
    const document = `<LifecycleConfiguration><Rule><Status>Enabled</Status>${rule}</Rule></LifecycleConfiguration>`
    assert.throws(() => readLifecycle(readXml(document, 'LifecycleConfiguration'), undefined), { code })
  })
}
