import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ContentBook } from './content-book.ts'
import { Difference } from './difference.ts'
import type { Action, Conditions, KeyEvent, Outcome, Versioning } from './key-event.ts'
import { KeyHistory } from './key-history.ts'

const contents = new ContentBook()
const [A = '', B = ''] = ['one', 'two'].map((text) => contents.add(Buffer.from(text)))
const PLAIN = { encrypted: false, tags: '', retention: '', hold: '' } as const
const SEEN = { encrypted: false, tagCount: 0, retention: '', hold: '', length: 3 } as const

interface Step {
  readonly at: readonly [start: number, end: number]
  readonly action: Action
  /** Undefined: no answer. */
  readonly outcome: Outcome | undefined
}

const put = (etag: string, at: Step['at'], outcome?: Outcome, conditions: Conditions = {}): Step => ({
  at,
  action: { kind: 'put', value: { ...PLAIN, writer: etag, etag }, conditions },
  outcome: outcome ?? { status: 200, etag },
})
const lost = (step: Step): Step => ({ ...step, outcome: undefined })
const get = (etag: string | undefined, at: Step['at'], versionId?: string): Step => ({
  at,
  action: { kind: 'read', isHead: false, versionId, range: undefined, partNumber: undefined, conditions: {} },
  outcome:
    etag === undefined ? { status: 404, code: 'NoSuchKey' } : { ...SEEN, status: 200, etag, writer: etag, versionId },
})
const remove = (at: Step['at'], outcome: Outcome, versionId?: string): Step => ({
  at,
  action: { kind: 'delete', versionId, bypass: false, ifMatch: undefined },
  outcome,
})
const GONE = { status: 204 }
const REFUSED = { status: 412, code: 'PreconditionFailed' }

const isPossible = (steps: readonly Step[], versioning: Versioning, isSequential: boolean): boolean => {
  const history = new KeyHistory('b/k', contents, isSequential)
  try {
    for (const [name, { at, action, outcome }] of steps.entries()) {
      const [start, end] = at
      const event: KeyEvent = {
        start,
        end,
        action,
        outcome,
        versioning,
        name: `o${name}`,
        isLost: outcome === undefined,
      }
      history.record(event)
    }
    assert.ok(history.check())
    return true
  } catch (error) {
    if (error instanceof Difference) return false
    throw error
  }
}

const ONE_BY_ONE: readonly (readonly [name: string, possible: boolean, steps: readonly Step[]])[] = [
  ['what was put is read', true, [put(A, [0, 1]), get(A, [2, 3])]],
  ['a stale read', false, [put(A, [0, 1]), put(B, [2, 3]), get(A, [4, 5])]],
  ['a write that is gone', false, [put(A, [0, 1]), get(undefined, [2, 3])]],
  ['a deletion that did nothing', false, [put(A, [0, 1]), remove([2, 3], GONE), get(A, [4, 5])]],
  ['a lost write that happened', true, [put(A, [0, 1]), lost(put(B, [2, 3])), get(B, [4, 5]), get(B, [6, 7])]],
  ['a lost write that comes and goes', false, [put(A, [0, 1]), lost(put(B, [2, 3])), get(B, [4, 5]), get(A, [6, 7])]],
  ['a condition that holds', true, [put(A, [0, 1]), put(B, [2, 3], undefined, { ifMatch: A }), get(B, [4, 5])]],
  ['a condition that was not looked at', false, [put(A, [0, 1]), put(B, [2, 3], undefined, { ifNoneMatch: '*' })]],
]

const AT_ONCE: readonly (readonly [name: string, possible: boolean, steps: readonly Step[]])[] = [
  [
    'one of two wins a race',
    true,
    [put(A, [0, 5], undefined, { ifNoneMatch: '*' }), put(B, [1, 6], REFUSED, { ifNoneMatch: '*' }), get(A, [7, 8])],
  ],
  [
    'two win a race',
    false,
    [put(A, [0, 5], undefined, { ifNoneMatch: '*' }), put(B, [1, 6], undefined, { ifNoneMatch: '*' })],
  ],
  ['either of two is last', true, [put(A, [0, 5]), put(B, [1, 6]), get(A, [7, 8])]],
  ['now the one, now the other', false, [put(A, [0, 5]), put(B, [1, 6]), get(A, [7, 8]), get(B, [9, 10])]],
]

for (const [cases, isSequential] of [
  [ONE_BY_ONE, true],
  [ONE_BY_ONE, false],
  [AT_ONCE, false],
] as const) {
  for (const [name, possible, steps] of cases) {
    test(`${name}: ${possible ? 'possible' : 'a difference'}, ${isSequential ? 'step by step' : 'in any order'}`, () => {
      assert.equal(isPossible(steps, 'Unversioned', isSequential), possible)
    })
  }
}

test('while versions are suspended there is one null version, whatever else is kept', () => {
  const kept = put(A, [0, 1], { status: 200, etag: A, versionId: 'v1' })
  const listed = (...ids: readonly string[]): Step => ({
    at: [8, 9],
    action: {
      kind: 'versions-listed',
      versions: ids.map((id, at) => ({ id, isMarker: false, isLatest: at === 0, etag: id === 'v1' ? A : B, size: 3 })),
    },
    outcome: { status: 200 },
  })
  for (const [ids, possible] of [
    [['null', 'v1'], true],
    [['null'], false],
    [['null', 'null', 'v1'], false],
    [['v1', 'null'], false],
  ] as const) {
    const history = new KeyHistory('b/k', contents, true)
    const record = ({ at: [start, end], action, outcome }: Step, versioning: Versioning, name: string): void => {
      history.record({ start, end, action, outcome, versioning, name, isLost: false })
    }
    record(kept, 'Enabled', 'o1')
    record(put(A, [2, 3]), 'Suspended', 'o2')
    record(put(B, [4, 5]), 'Suspended', 'o3')
    const check = (): void => record(listed(...ids), 'Suspended', 'o4')
    if (possible) check()
    else assert.throws(check, Difference)
  }
})
