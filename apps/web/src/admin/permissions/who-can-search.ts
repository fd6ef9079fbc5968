/** The place that is asked about, as it stands in the address. */
export interface WhoCanSearch {
  readonly bucket?: string
  /** '' or ending in '/'. */
  readonly prefix?: string
}

const isText = (value: unknown, limit: number): value is string =>
  typeof value === 'string' && value !== '' && value.length <= limit && value.isWellFormed() && !value.includes('\0')

export function parseWhoCanSearch({ bucket, prefix }: Record<string, unknown>): WhoCanSearch {
  if (!isText(bucket, 255)) return {}
  return isText(prefix, 1024) && prefix.endsWith('/') ? { bucket, prefix } : { bucket }
}
