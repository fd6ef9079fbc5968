// node scripts/price-file.ts index.json --region eu-central-1 > prices.json
// Makes a file for SKYCRATE_PRICES of AWS's public price list, which is at
// https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonS3/current/{region}/index.json
import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { AMAZON_S3 } from '../packages/core/src/economics/amazon-s3.ts'
import { parsePriceBook } from '../packages/core/src/economics/price-book.ts'
import { pricesOfList } from '../packages/core/src/economics/price-list.ts'

const { values, positionals } = parseArgs({ options: { region: { type: 'string' } }, allowPositionals: true })
const [file] = positionals
if (file === undefined || values.region === undefined) {
  process.stderr.write('Usage: node scripts/price-file.ts index.json --region eu-central-1 > prices.json\n')
  process.exit(64)
}
const list = JSON.parse(await readFile(file, 'utf8')) as { publicationDate?: string }
const shipped = AMAZON_S3 as { regions: Record<string, Record<string, Record<string, unknown>>> }
const found = pricesOfList(list, shipped.regions['us-east-1']!)
if (found === undefined) {
  process.stderr.write(`${file} is not the price list of Amazon S3 in one region.\n`)
  process.exit(1)
}
const book = {
  name: 'Amazon S3',
  date: (list.publicationDate ?? new Date().toISOString()).slice(0, 10),
  source: 'https://aws.amazon.com/s3/pricing/',
  currency: 'USD',
  defaultRegion: values.region,
  regions: { [values.region]: found.classes },
}
const parsed = parsePriceBook(book)
if (!parsed.ok) throw new Error(JSON.stringify(parsed.mistakes))
process.stdout.write(`${JSON.stringify(book, undefined, 2)}\n`)
if (found.kept.length > 0) {
  process.stderr.write(`Not in the list, so as in us-east-1 of the shipped file: ${found.kept.join(', ')}\n`)
}
