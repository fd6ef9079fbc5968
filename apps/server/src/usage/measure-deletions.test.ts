import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pricesOf } from '@skycrate/core/economics/price-book'
import { binOf } from '@skycrate/core/economics/size-bins'
import { GIB, MONTH_DAYS, type RegionPrices } from '@skycrate/core/economics/simulate'
import { type AgedRow, measureDeletion } from './measure-deletions.ts'
import { shippedPrices } from './price-file.ts'

const prices: RegionPrices = { classes: pricesOf(shippedPrices(), null).classes, gbOf: () => 0 }
const RULE = { afterDays: 7, minBytes: 0, appliedOn: 100.4, endsAfter: Number.POSITIVE_INFINITY }
const STANDARD = prices.classes['STANDARD']!.tiers[0]!.perGBMonth
const row = (day: number, count: number, storageClass = 'STANDARD'): AgedRow => [
  storageClass,
  day,
  binOf(GIB),
  count,
  count * GIB,
]
const days = (count: number, rate = STANDARD): number => (count / MONTH_DAYS) * rate

for (const [name, rule, before, now, saved] of [
  ['what was old when the rule was set is gone from the midnight after', RULE, [row(50, 2)], [], days(2 * 4)],
  ['what grows old is gone at its midnight', RULE, [row(94, 1)], [], days(3)],
  ['what is too young for the rule was deleted by somebody', RULE, [row(99, 5)], [], 0],
  ['what is still there saves nothing', RULE, [row(50, 2)], [row(50, 2)], 0],
  ['what has only moved to another class saves nothing', RULE, [row(50, 2)], [row(50, 2, 'GLACIER_IR')], 0],
  ['one of two that moved, and one that is gone', RULE, [row(50, 2)], [row(50, 1, 'GLACIER_IR')], days(4)],
  ['the minimum duration of a class is paid for', RULE, [row(80, 1, 'STANDARD_IA')], [], 0],
  ['and saves after it', RULE, [row(72, 1, 'STANDARD_IA')], [], days(3, 0.0125)],
  ['another rule would have deleted it two days later', { ...RULE, endsAfter: 9 }, [row(94, 1)], [], days(2)],
  ['another rule deletes it as early', { ...RULE, endsAfter: 7 }, [row(94, 1)], [], 0],
  ['what is smaller than the rule says stays its own', { ...RULE, minBytes: 2 * GIB }, [row(50, 2)], [], 0],
  ['without a count before nothing is known', RULE, undefined, [], 0],
] as const) {
  test(`a rule that deletes: ${name}`, () => {
    const measured = measureDeletion(rule, [], before, now, { from: 100.4, to: 105, prices })
    assert.ok(Math.abs(measured.saved - saved) < 1e-9, `${measured.saved} for ${saved}`)
  })
}

test('a rule that deletes saves on with each day, and never more than object by object', () => {
  let seed = 7
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 1
    return seed % below
  }
  const [applied, last, keptOtherwise] = [120, 400, 60]
  const made = Array.from({ length: 3000 }, () => {
    const since = random(last)
    const size = (1 + random(40)) * 1_000_000
    const storageClass = random(4) === 0 ? 'STANDARD_IA' : 'STANDARD'
    // Some are deleted by people before any rule comes to them.
    const byHand = random(3) === 0 ? since + random(7) : Number.POSITIVE_INFINITY
    return { since, size, storageClass, byHand }
  })
  const rule = { afterDays: 7, minBytes: 0, appliedOn: applied + 0.5, endsAfter: keptOtherwise }
  const goneOn = ({ since, byHand }: (typeof made)[number]): number =>
    Math.min(byHand, Math.max(applied + 1, since + 8), since + keptOtherwise + 1)
  // Counted daily, what people delete meanwhile is told apart from what the rule does.
  for (const [every, versions] of [
    [1, made],
    [5, made.filter(({ byHand }) => byHand === Number.POSITIVE_INFINITY)],
  ] as const) {
    const at = (day: number): AgedRow[] =>
      versions
        .filter((each) => each.since < day && goneOn(each) > day)
        .map(({ since, size, storageClass }) => [storageClass, since, binOf(size), 1, size])
    let [saved, gone, before, from] = [0, [] as readonly AgedRow[], at(applied), rule.appliedOn]
    for (let day = applied + 1; day <= last; day += every) {
      const now = at(day)
      const measured = measureDeletion(rule, gone, before, now, { from, to: day, prices })
      saved += measured.saved
      ;[gone, before, from] = [measured.gone, now, day]
    }
    const exact = versions.reduce((sum, version) => {
      if (version.byHand <= goneOn(version)) return sum
      const { minimumDays, tiers } = prices.classes[version.storageClass]!
      const begin = Math.max(goneOn(version), version.since + minimumDays)
      const end = Math.min(from, version.since + keptOtherwise + 1)
      return sum + (Math.max(0, end - begin) / MONTH_DAYS) * (version.size / GIB) * tiers[0]!.perGBMonth
    }, 0)
    assert.ok(exact > 0.1 && saved <= exact * (1 + 1e-9), `${saved} for ${exact}`)
    assert.ok(saved > exact * 0.99, `${saved} for ${exact}, counted every ${every} days`)
  }
})
