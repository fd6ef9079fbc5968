export interface ParsedCredential {
  readonly accessKeyId: string
  /** `YYYYMMDD`, not checked to be a date. */
  readonly day: string
  readonly region: string
  readonly service: string
}

const CREDENTIAL = /^([^/\s][^\s]*)\/(\d{8})\/([^/\s]+)\/([^/\s]+)\/aws4_request$/

/**
 * Takes `AKID/YYYYMMDD/region/service/aws4_request` apart from the right, since an access key id may hold a `/`.
 *
 * @returns undefined for any other text
 */
export function parseCredential(text: string): ParsedCredential | undefined {
  if (text.length > 512) return undefined
  const [, accessKeyId, day, region, service] = CREDENTIAL.exec(text) ?? []
  if (accessKeyId === undefined || day === undefined || region === undefined || service === undefined) return undefined
  return { accessKeyId, day, region, service }
}
