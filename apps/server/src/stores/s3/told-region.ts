import { storeFailure } from './store-failure.ts'

/** Answers with which S3 sends a request that was meant for another region back. */
const MISDIRECTED = new Set([
  'PermanentRedirect',
  'TemporaryRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
])

/**
 * The region that an answer to a misdirected request names, in its header or, for a wrong signature's region, in its
 * body. A HEAD has no body and no code, only the header.
 *
 * @param used the region that the request was signed for
 * @returns undefined where the answer has nothing to do with regions
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html
 */
export function toldRegion(error: unknown, used: string): string | undefined {
  const { code, status } = storeFailure(error)
  const sentBack = status === 301 || status === 307 || MISDIRECTED.has(code)
  // The bare 400 of a HEAD.
  if (!sentBack && !(status === 400 && !code.includes('Invalid'))) return undefined
  const { Region, $response } = error as {
    Region?: unknown
    $response?: { headers?: Record<string, string | undefined> }
  }
  const told = $response?.headers?.['x-amz-bucket-region'] ?? Region
  return typeof told === 'string' && told !== '' && told !== used ? told : undefined
}
