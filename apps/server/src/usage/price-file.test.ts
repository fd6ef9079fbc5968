import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readPriceFile, shippedPrices } from './price-file.ts'

const GOOD = {
  name: 'Own disks',
  date: '2026-11-01',
  source: 'https://wiki.example.com/disks',
  currency: 'EUR',
  defaultRegion: 'cellar',
  regions: { cellar: { STANDARD: { perGBMonth: 0.004 } }, attic: 'cellar' },
}

test('the prices that come with SkyCrate are readable and have a date and a source', () => {
  const book = shippedPrices()
  assert.match(book.date, /^\d{4}-\d\d-\d\d$/)
  assert.match(book.source, /^https:/)
  assert.equal(book.regions['us-east-1']?.['STANDARD']?.tiers[0]?.perGBMonth, 0.023)
})

test('a wrong price file says where it is wrong', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'skycrate-prices-'))
  const path = join(dir, 'prices.json')
  const read = async (text: string) => {
    await writeFile(path, text)
    return readPriceFile(path)
  }
  try {
    const good = await read(JSON.stringify(GOOD))
    assert.ok('value' in good, JSON.stringify(good))
    assert.equal(good.value.regions['attic']?.['STANDARD']?.tiers[0]?.perGBMonth, 0.004)

    const wrong: [string, RegExp][] = [
      ['{\n  "name": "x",\n  "date" "2026"\n}', /line 3, column 10/],
      ['[]', /must be an object/],
      [JSON.stringify({ ...GOOD, date: '2026-02-31' }), /\/date must be a day/],
      [JSON.stringify({ ...GOOD, currency: 'euro' }), /\/currency must be a currency code/],
      [JSON.stringify({ ...GOOD, regions: {} }), /\/regions must name at least one region/],
      [JSON.stringify({ ...GOOD, defaultRegion: 'roof' }), /\/defaultRegion names roof/],
      [JSON.stringify({ ...GOOD, regions: { cellar: { STANDARD: {} } } }), /\/regions\/cellar\/STANDARD must have/],
      [
        JSON.stringify({ ...GOOD, regions: { cellar: { STANDARD: { perGBMonth: -1, perGbMonth: 1 } } } }),
        /\/regions\/cellar\/STANDARD\/perGbMonth is not a charge; \/regions\/cellar\/STANDARD\/perGBMonth must be/,
      ],
      [
        JSON.stringify({ ...GOOD, regions: { cellar: { STANDARD: { perGBMonth: 1, minimumBytes: 1000 } } } }),
        /minimumBytes must be one of 0, 4096/,
      ],
      [JSON.stringify({ ...GOOD, regions: { ...GOOD.regions, attic: 'roof' } }), /\/regions\/attic names roof/],
      [JSON.stringify({ ...GOOD, regions: { cellar: { COLD: { perGBMonth: 1 } } } }), /must have the class STANDARD/],
    ]
    for (const [text, mistake] of wrong) {
      const found = await read(text)
      assert.ok('mistake' in found, text)
      assert.match(found.mistake, mistake)
    }
    assert.match((readPriceFile(join(dir, 'none.json')) as { mistake: string }).mistake, /cannot be read \(ENOENT\)/)
  } finally {
    await rm(dir, { recursive: true })
  }
})
