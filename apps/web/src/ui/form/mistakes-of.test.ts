import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mistakesOf } from './mistakes-of.ts'

const PATHS = new Map([
  ['name', '/name'],
  ['who', '/principal'],
  ['prefix', '/prefix'],
])

test('a mistake stands at its field, one below it as well, and one of another place at none', () => {
  const found = mistakesOf(
    [
      { path: '/name', message: 'must not be empty' },
      { path: '/principal/userId', message: 'is not known' },
      { path: '/names', message: 'is not a field' },
      { path: '', message: 'is no object' },
    ],
    PATHS,
  )
  assert.deepEqual(
    [...found],
    [
      ['name', 'Must not be empty.'],
      ['who', 'Is not known.'],
    ],
  )
})

test('several mistakes of a field are told together, each once', () => {
  const errors = ['must end in /', 'must end in /', 'is too long'].map((message) => ({ path: '/prefix', message }))
  assert.equal(mistakesOf(errors, PATHS).get('prefix'), 'Must end in /, is too long.')
})
