import { SkyCrateError } from './skycrate-error.ts'

/**
 * S3's refusal of a vended URL.
 * @param body S3's XML, of which its code is told
 */
export function transferError(status: number, body: string, cause?: unknown): SkyCrateError {
  const s3Code = /<Code>([A-Za-z0-9]{1,64})<\/Code>/.exec(body)?.[1]
  const answered =
    status === 0 ? 'The connection to S3 broke.' : `S3 answered ${status}${s3Code ? ` (${s3Code})` : ''}.`
  return new SkyCrateError({ code: 'transfer-failed', title: 'The transfer failed', detail: answered, status, cause })
}
