import prices from './amazon-s3.json' with { type: 'json' }

/** The price file of Amazon S3, as `parsePriceBook` reads it. */
export const AMAZON_S3: unknown = prices
