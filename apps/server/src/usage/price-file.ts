import { readFileSync } from 'node:fs'
import { AMAZON_S3 } from '@skycrate/core/economics/amazon-s3'
import { parsePriceBook, type PriceBook } from '@skycrate/core/economics/price-book'

export type PriceFile = { readonly value: PriceBook } | { readonly mistake: string }

/** Reads a price file. A mistake names the line of broken JSON, or each wrong field. */
export function readPriceFile(path: string): PriceFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    return { mistake: `names a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})` }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return { mistake: `names a file that is not JSON: ${placeOf(text, (error as Error).message)}` }
  }
  const parsed = parsePriceBook(value)
  if (parsed.ok) return { value: parsed.book }
  const mistakes = parsed.mistakes.map(({ path: at, message }) => `${at} ${message}`.trim())
  return { mistake: `names a file with mistakes: ${mistakes.slice(0, 20).join('; ')}` }
}

/** Where JSON breaks off, as line and column. */
function placeOf(text: string, message: string): string {
  const position = /position (\d+)/.exec(message)?.[1]
  if (position === undefined) return message
  const before = text.slice(0, Number(position)).split('\n')
  return `line ${before.length}, column ${before.at(-1)!.length + 1}: ${message.replace(/ in JSON at position.*$/s, '')}`
}

/** The prices of Amazon S3 that come with SkyCrate. */
export function shippedPrices(): PriceBook {
  const parsed = parsePriceBook(AMAZON_S3)
  if (!parsed.ok) throw new Error(`the shipped prices are wrong: ${JSON.stringify(parsed.mistakes)}`)
  return parsed.book
}
