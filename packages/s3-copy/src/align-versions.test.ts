import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alignVersions } from './align-versions.ts'
import type { Version } from './version.ts'

/** A letter is a version with these bytes, `-` a delete marker; ids are the places in the text. */
const versions = (text: string): Version[] =>
  Array.from(text, (letter, at) => ({
    versionId: String(at),
    isMarker: letter === '-',
    size: letter === '-' ? 0 : 1,
    etag: letter === '-' ? '' : letter,
    modifiedAt: new Date(0),
  }))

/** Source and target, the places in the target of the source's copies, and what the target has besides. */
const CASES: readonly (readonly [source: string, target: string, copies: string, extras: string])[] = [
  ['', '', '', ''],
  ['abc', '', '...', ''],
  ['abc', 'abc', '012', ''],
  ['abc', 'ab', '01.', ''],
  ['aaa', 'aa', '01.', ''],
  ['a-a-', 'a-', '01..', ''],
  ['abc', 'bc', '.01', ''],
  ['bc', 'abc', '12', '0'],
  ['abc', 'axbc', '023', '1'],
  ['abc', 'abcx', '012', '3'],
  ['ab', 'xy', '..', '01'],
  ['a', '-', '.', '0'],
]

for (const [source, target, copies, extras] of CASES) {
  test(`of "${source}" the target with "${target}" has copies at "${copies}" and besides "${extras}"`, async () => {
    const found = await alignVersions(versions(source), versions(target), async () => false)
    assert.equal(found.copies.map((copy) => copy?.versionId ?? '.').join(''), copies)
    assert.equal(found.extras.map(({ versionId }) => versionId).join(''), extras)
  })
}

test('where ETags do not tell, it is asked about versions of one size, and not about markers', async () => {
  const asked: string[] = []
  const { copies, extras } = await alignVersions(versions('ab-'), versions('AB-'), async (source, target) => {
    asked.push(source.etag + target.etag)
    return source.etag.toUpperCase() === target.etag
  })
  assert.deepEqual(asked, ['aA', 'bB'])
  assert.deepEqual(
    copies.map((copy) => copy?.versionId),
    ['0', '1', '2'],
  )
  assert.deepEqual(extras, [])
})
