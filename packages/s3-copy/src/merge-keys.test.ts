import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeKeys } from './merge-keys.ts'
import type { KeyVersions } from './version.ts'

async function* listing(keys: readonly string[]): AsyncGenerator<KeyVersions> {
  for (const key of keys) yield { key, versions: [] }
}

const CASES: readonly (readonly [
  source: readonly string[],
  target: readonly string[],
  prefix: string,
  pairs: string,
])[] = [
  [[], [], '', ''],
  [['a', 'b'], [], '', 'a< b<'],
  [[], ['a', 'b'], '', 'a> b>'],
  [['a', 'b', 'd'], ['b', 'c', 'd'], '', 'a< b= c> d='],
  // By UTF-8 an emoji comes after what UTF-16 puts behind it.
  [['\uffee', '🦀'], ['\uffee', '🦀'], '', '\uffee= 🦀='],
  [['a', 'b'], ['x/a', 'x/c'], 'x/', 'a= b< c>'],
]

for (const [source, target, prefix, pairs] of CASES) {
  test(`${JSON.stringify(source)} beside ${JSON.stringify(target)} below "${prefix}"`, async () => {
    const found: string[] = []
    for await (const pair of mergeKeys(listing(source), listing(target), prefix)) {
      found.push(pair.key + (pair.source === undefined ? '>' : pair.target === undefined ? '<' : '='))
    }
    assert.equal(found.join(' '), pairs)
  })
}
