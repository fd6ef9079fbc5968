declare const brand: unique symbol
export type BucketName = string & { readonly [brand]: 'BucketName' }

const SHAPE = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const BROKEN_LABEL = /\.\.|\.-|-\./
const IP_ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/
const RESERVED_PREFIX = /^(xn--|sthree-|amzn-s3-demo-)/
const RESERVED_SUFFIX = /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/

/**
 * A general purpose bucket's name: 3–63 of lower-case letters, digits, `-` and `.`, by S3's naming rules.
 * @returns undefined where the text is none
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
 */
export function parseBucketName(text: string): BucketName | undefined {
  if (!SHAPE.test(text) || BROKEN_LABEL.test(text) || IP_ADDRESS.test(text)) return undefined
  if (RESERVED_PREFIX.test(text) || RESERVED_SUFFIX.test(text)) return undefined
  return text as BucketName
}
