import { S3Error } from '../s3-error.ts'

/** Plain bytes `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads a Range header against an object's size. Several ranges at once, other units and nonsense count as no range at
 * all, as on S3.
 *
 * @returns undefined when the whole object is to be sent
 * @throws S3Error InvalidRange when the range begins after the end
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-14.2
 */
export const parseByteRange = (header: string | undefined, size: number): ByteRange | undefined => {
  const [, from, to] = /^bytes=([0-9]*)-([0-9]*)$/.exec(header?.trim() ?? '') ?? []
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined
  const refuse = (): S3Error =>
    new S3Error('InvalidRange', {
      headers: { 'content-range': `bytes */${size}` },
      fields: { RangeRequested: header ?? '', ActualObjectSize: String(size) },
    })
  if (from === '') {
    const last = Number(to)
    if (last === 0 || size === 0) throw refuse()
    return { start: Math.max(0, size - last), end: size }
  }
  const start = Number(from)
  const end = to === '' ? size : Math.min(size, Number(to) + 1)
  if (to !== '' && Number(to) < start) return undefined
  if (start >= size) throw refuse()
  return { start, end }
}
