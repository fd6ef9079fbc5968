/** What a Range header (always of the form `bytes=…`) makes of an object of this size; `end` is exclusive. */
export const byteWindow = (
  range: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | 'whole' | 'unsatisfiable' => {
  if (range === undefined) return 'whole'
  const [first = '', last = ''] = range.slice('bytes='.length).split('-')
  if (first === '') {
    const count = Math.min(Number(last), size)
    return count === 0 ? 'unsatisfiable' : { start: size - count, end: size }
  }
  const start = Number(first)
  if (last !== '' && Number(last) < start) return 'whole'
  if (start > size - 1) return 'unsatisfiable'
  return { start, end: last === '' ? size : Math.min(Number(last) + 1, size) }
}
