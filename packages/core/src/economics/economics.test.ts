import assert from 'node:assert/strict'
import { test } from 'node:test'
import { advise } from './advise.ts'
import { AMAZON_S3 } from './amazon-s3.ts'
import { bruteForceBill } from './brute-force.fixture.ts'
import { forecast } from './forecast.ts'
import { parsePriceBook, pricesOf } from './price-book.ts'
import { type RegionPrices, simulate, type TieringRule, totalOf } from './simulate.ts'
import { cellsOn, cohortsOf, randomUse, seeded, trace, type Use } from './traces.fixture.ts'

const parsed = parsePriceBook(AMAZON_S3)
assert.ok(parsed.ok)
const prices: RegionPrices = { classes: pricesOf(parsed.book, 'us-east-1').classes, gbOf: () => 0 }

const rule = (toClass: string, afterDays: number, minBytes = 131_072): TieringRule => ({
  prefix: '',
  minBytes,
  state: 'current',
  afterDays,
  toClass,
})
const RULES = [
  undefined,
  rule('STANDARD_IA', 30),
  rule('GLACIER_IR', 0),
  rule('GLACIER_IR', 90, 1_048_576),
  rule('DEEP_ARCHIVE', 10),
]
const relative = (a: number, b: number): number => Math.abs(a - b) / b

test('sums by size and age cost what the objects cost one by one, under every rule', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seeded(seed)
    // Every fourth is in a class with a least size and least days.
    const objects = trace(randomUse(random, 1000), random).map((object, at) =>
      at % 4 === 0 ? { ...object, storageClass: 'STANDARD_IA' } : object,
    )
    const cohorts = cohortsOf(objects, 365)
    for (const each of RULES) {
      const bill = totalOf(simulate(cohorts, each, prices, 365).total)
      assert.ok(relative(bill, bruteForceBill(objects, each, prices, 365)) < 1e-6, `seed ${seed} ${each?.toClass}`)
    }
  }
})

const STEADY: Use = {
  objects: 130_000,
  days: 1460,
  medianSize: 200_000,
  sigma: 1.2,
  tail: 0,
  deletedYoung: 0.004,
  deletedOld: 0.0008,
  reads: 0.2,
  decay: 0.7,
  popularity: 1,
}

test('the forecast of a year is within 1 % of what the year then costs, object by object', (t) => {
  for (const seed of [11, 12]) {
    const random = seeded(seed)
    const objects = trace(STEADY, random)
    const earlier = [360, 330, 300, 270, 240, 210, 180, 150, 120, 90, 60, 30].map((ago) => ({
      day: 1095 - ago,
      cells: cellsOn(objects, 1095 - ago),
    }))
    const seen = { day: 1095, cells: cellsOn(objects, 1095), earlier }
    const cohorts = forecast(seen)
    for (const each of [undefined, rule('STANDARD_IA', 30), rule('GLACIER_IR', 60)]) {
      const forecasted = totalOf(simulate(cohorts, each, prices, 1095).total)
      const billed = bruteForceBill(objects, each, prices, 1095)
      t.diagnostic(`seed ${seed}, ${each?.toClass ?? 'no rule'}: ${((forecasted / billed - 1) * 100).toFixed(2)} %`)
      assert.ok(relative(forecasted, billed) < 0.01, `${seed} ${each?.toClass}: ${forecasted} for ${billed}`)
    }
  }
})

/** Random buckets; 10,000 take some minutes. */
const BUCKETS = Number(process.env['SKYCRATE_TEST_ADVICE_BUCKETS'] ?? 400)

test('no advice loses money in the year after it, object by object', (t) => {
  let given = 0
  let saved = 0
  let promised = 0
  for (let seed = 1; seed <= BUCKETS; seed++) {
    const random = seeded(1000 + seed)
    const objects = trace(randomUse(random, 30 + Math.floor(random() * 220)), random)
    // Every other has been counted once only.
    const earlier = seed % 2 === 0 ? [] : [{ day: 335, cells: cellsOn(objects, 335) }]
    const seen = { prefix: '', day: 365, cells: cellsOn(objects, 365), earlier }
    for (const advice of advise(seen, prices)) {
      const without = bruteForceBill(objects, undefined, prices, 365)
      const saving = without - bruteForceBill(objects, advice.rule, prices, 365)
      assert.ok(saving > 0, `bucket ${seed}: ${JSON.stringify(advice.rule)} costs ${-saving} more than ${without}`)
      given++
      saved += saving
      promised += advice.saving
    }
  }
  t.diagnostic(
    `${given} of ${BUCKETS} buckets got advice; it saved ${(saved / promised).toFixed(3)} of what it promised`,
  )
  assert.ok(given > BUCKETS / 10)
  assert.ok(saved > promised * 0.7)
})
