/**
 * A key or prefix out of a listing that was asked for with `encoding-type=url`. AWS writes a space as `+`, other stores
 * as `%20`; a plus itself is always `%2B`.
 *
 * @param encoding what the answer says, not what was asked: some stores ignore the wish
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function decodeListedKey(text: string, encoding: string | undefined): string {
  if (encoding !== 'url' || !(text.includes('%') || text.includes('+'))) return text
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    // Bytes that are no UTF-8, from a store that lets them in: shown as replacement characters, so that one such key
    // does not hide its neighbours.
    return Buffer.from(
      spaced.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString('utf8')
  }
}
