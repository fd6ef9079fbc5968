import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AMAZON_S3 } from './amazon-s3.ts'
import { parsePriceBook } from './price-book.ts'
import { pricesOfList } from './price-list.ts'

const shipped = (AMAZON_S3 as { regions: Record<string, Record<string, Record<string, unknown>>> }).regions[
  'us-east-1'
]!

/** In the form of AWS's index.json, with these prices. */
const listOf = (prices: Readonly<Record<string, readonly (readonly [from: string, usd: string])[]>>) => ({
  products: Object.fromEntries(
    Object.keys(prices).map((usagetype, at) => [`SKU${at}`, { productFamily: 'Storage', attributes: { usagetype } }]),
  ),
  terms: {
    OnDemand: Object.fromEntries(
      Object.values(prices).map((tiers, at) => [
        `SKU${at}`,
        {
          [`SKU${at}.JRTCKXETXF`]: {
            priceDimensions: Object.fromEntries(
              tiers.map(([beginRange, USD], tier) => [`D${tier}`, { beginRange, pricePerUnit: { USD } }]),
            ),
          },
        },
      ]),
    ),
  },
})

test('prices of the public list take the place of the shipped ones, and what it does not name is told', () => {
  const found = pricesOfList(
    listOf({
      'EUC1-TimedStorage-ByteHrs': [
        ['51200', '0.0235'],
        ['0', '0.0245'],
      ],
      'EUC1-TimedStorage-SIA-ByteHrs': [['0', '0.0135']],
      'EUC1-Requests-Tier1': [['0', '0.0000054']],
      'EUC1-Requests-SIA-Tier2': [['0', '0.000001']],
      'EUC1-Retrieval-GIR': [['0', '0.033']],
      'EUC1-Monitoring-Automation-INT': [['0', '0.0000027']],
      'EUC1-TimedStorage-INT-IA-ByteHrs': [['0', '0.0136']],
      'EUC1-TimedStorage-INT-AIA-ByteHrs': [['0', '0.005']],
      'EUC1-DataTransfer-Out-Bytes': [['0', '0.09']],
    }),
    shipped,
  )
  assert.ok(found)
  const { classes, kept } = found
  assert.deepEqual(classes['STANDARD']!['tiers'], [
    { fromGB: 0, perGBMonth: 0.0245 },
    { fromGB: 51200, perGBMonth: 0.0235 },
  ])
  assert.deepEqual(classes['STANDARD_IA']!['tiers'], [{ fromGB: 0, perGBMonth: 0.0135 }])
  assert.ok(Math.abs((classes['STANDARD']!['perThousandPuts'] as number) - 0.0054) < 1e-12)
  assert.ok(Math.abs((classes['STANDARD_IA']!['perThousandGets'] as number) - 0.001) < 1e-12)
  assert.equal(classes['GLACIER_IR']!['perGBRetrieved'], 0.033)
  assert.equal(classes['GLACIER_IR']!['minimumDays'], 90)
  assert.deepEqual(classes['INTELLIGENT_TIERING']!['idle'], [
    { afterDays: 30, perGBMonth: 0.0136 },
    { afterDays: 90, perGBMonth: 0.005 },
  ])
  assert.ok(kept.includes('STANDARD_IA.perThousandTransitions') && !kept.includes('STANDARD.tiers'))
  const book = { ...(AMAZON_S3 as object), defaultRegion: 'eu-central-1', regions: { 'eu-central-1': classes } }
  assert.deepEqual(parsePriceBook(book).ok, true)
})

test('what is no price list is refused', () => {
  for (const wrong of [null, [], {}, { products: {} }, listOf({ 'DataTransfer-Out-Bytes': [['0', '1']] })]) {
    assert.equal(pricesOfList(wrong, shipped), undefined)
  }
})
