import assert from 'node:assert/strict'
import { test } from 'node:test'
import { linearize } from './linearize.ts'

interface RegisterEvent {
  readonly start: number
  readonly end: number
  readonly isLost: boolean
  readonly wrote?: number
  readonly saw?: number
}

const wrote = (value: number, start: number, end: number, isLost = false): RegisterEvent => ({
  start,
  end,
  isLost,
  wrote: value,
})
const saw = (value: number, start: number, end: number): RegisterEvent => ({ start, end, isLost: false, saw: value })

const verdictOf = (events: readonly RegisterEvent[]): string =>
  linearize<number, RegisterEvent>(events, {
    initial: 0,
    step: (state, event) => event.wrote ?? (event.saw === state ? state : undefined),
    identify: String,
    budget: 100_000,
  }).verdict

const CASES: readonly (readonly [name: string, verdict: string, events: readonly RegisterEvent[]])[] = [
  ['one after another', 'possible', [wrote(1, 0, 1), saw(1, 2, 3), wrote(2, 4, 5), saw(2, 6, 7)]],
  ['a stale read', 'impossible', [wrote(1, 0, 1), wrote(2, 2, 3), saw(1, 4, 5)]],
  ['a read during the write sees the old', 'possible', [wrote(1, 0, 1), wrote(2, 2, 9), saw(1, 4, 5)]],
  ['a read during the write sees the new', 'possible', [wrote(1, 0, 1), wrote(2, 2, 9), saw(2, 4, 5)]],
  ['new, then old again', 'impossible', [wrote(1, 0, 1), wrote(2, 2, 9), saw(2, 3, 4), saw(1, 5, 6)]],
  ['a value of the future', 'impossible', [saw(1, 0, 1), wrote(1, 2, 3)]],
  ['a lost write that happened', 'possible', [wrote(1, 0, 1), wrote(2, 2, 3, true), saw(2, 4, 5)]],
  ['a lost write that did not', 'possible', [wrote(1, 0, 1), wrote(2, 2, 3, true), saw(1, 4, 5)]],
  ['a lost write that came late', 'impossible', [wrote(1, 0, 1), wrote(2, 2, 3, true), saw(1, 4, 5), saw(2, 6, 7)]],
  [
    'eight at once, one of whom was last',
    'possible',
    [...Array.from({ length: 8 }, (_, at) => wrote(at + 1, at / 100, 5 + at)), saw(3, 30, 31), saw(3, 32, 33)],
  ],
  [
    'eight at once, two of whom were last',
    'impossible',
    [...Array.from({ length: 8 }, (_, at) => wrote(at + 1, at / 100, 5)), saw(3, 30, 31), saw(4, 32, 33)],
  ],
]

for (const [name, verdict, events] of CASES) {
  test(`${name}: ${verdict}`, () => {
    assert.equal(verdictOf(events), verdict)
  })
}
