import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planKey } from './plan-key.ts'
import type { KeyVersions, Version } from './version.ts'

/** A letter is a version with these bytes, `-` a delete marker; times are the places in the text, from `since`. */
const versionsOf = (text: string, since: number): KeyVersions | undefined =>
  text === ''
    ? undefined
    : {
        key: 'k',
        versions: Array.from(text, (letter, at): Version => ({
          versionId: String(at),
          isMarker: letter === '-',
          size: letter === '-' ? 0 : 1,
          etag: letter === '-' ? '' : letter,
          modifiedAt: new Date(since + at),
        })),
      }

/** One letter a step: present, copy, impossible. */
const CASES: readonly (readonly [what: string, source: string, target: string, history: boolean, steps: string])[] = [
  ['a new key', 'ab-', '', true, 'ccc'],
  ['a key that is there', 'ab', 'ab', true, 'pp'],
  ['a key that has grown', 'abc', 'ab', true, 'ppc'],
  ['what is missing in the middle', 'abc', 'ac', true, 'pip'],
  ['markers of which a store kept one', 'a--b', 'a-b', true, 'pppp'],
  ['a marker that comes once more', 'a--', 'a-', true, 'ppc'],
  ['a key that is only at the target', '', 'ab', true, ''],
  ['without a history, a new key', 'abc', '', false, 'iic'],
  ['without a history, a deleted key', 'a-', '', false, 'i'],
  ['without a history, a key that is there', 'ab', 'b', false, 'ip'],
]

for (const [what, source, target, history, steps] of CASES) {
  test(`the plan of ${what}`, async () => {
    const pair = { key: 'k', source: versionsOf(source, 0), target: versionsOf(target, 10) }
    const plan = await planKey(pair, history, async () => false)
    assert.equal(plan.steps.map(({ step }) => step[0]).join(''), steps)
  })
}

test('without a history, the same bytes written again are copied again, for what else they have', async () => {
  const pair = { key: 'k', source: versionsOf('a', 10), target: versionsOf('a', 0) }
  assert.equal((await planKey(pair, false, async () => false)).steps[0]?.step, 'copy')
  assert.equal((await planKey(pair, true, async () => false)).steps[0]?.step, 'present')
})

test('what the target has besides is told, but not what a copy replaces', async () => {
  const pair = { key: 'k', source: versionsOf('b', 10), target: versionsOf('a', 0) }
  assert.equal((await planKey(pair, true, async () => false)).extras.length, 1)
  assert.equal((await planKey(pair, false, async () => false)).extras.length, 0)
  const only = { key: 'k', source: undefined, target: versionsOf('a', 10) }
  assert.equal((await planKey(only, false, async () => false)).extras.length, 1)
})

test('without a history, what is newer at the target is not replaced, since it would be lost', async () => {
  const pair = { key: 'k', source: versionsOf('b', 0), target: versionsOf('a', 10) }
  const { steps, extras } = await planKey(pair, false, async () => false)
  assert.deepEqual(
    steps.map(({ step }) => step),
    ['impossible'],
  )
  assert.equal(extras.length, 1)
  assert.equal((await planKey(pair, true, async () => false)).steps[0]?.step, 'copy')
})
