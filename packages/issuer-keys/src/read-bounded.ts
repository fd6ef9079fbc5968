/** Bytes that an issuer's answer may have: the largest key sets seen have tens of kilobytes. */
const MAX_BYTES = 512 * 1024

/**
 * @param name of what is read, for the error
 * @throws Error where the body is too large
 */
export const readBounded = async (response: Response, name: string): Promise<string> => {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > MAX_BYTES) throw new Error(`${name} answered more than ${MAX_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}
