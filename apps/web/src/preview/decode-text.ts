/**
 * The text that some bytes are: UTF-8, or UTF-16 where they begin with its mark. Undefined where they are no text.
 *
 * @param cut whether more bytes follow: the last character may then be in two
 */
export function decodeText(bytes: Uint8Array, cut: boolean): string | undefined {
  const [first, second] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8'
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: cut })
    return text.includes('\0') ? undefined : text
  } catch {
    return encoding === 'utf-8' && !bytes.includes(0) && looksLatin(bytes)
      ? new TextDecoder('windows-1252').decode(bytes)
      : undefined
  }
}

/** Old text files of Western Europe: almost no control characters. */
function looksLatin(bytes: Uint8Array): boolean {
  let controls = 0
  for (const byte of bytes) if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) controls += 1
  return controls <= bytes.length / 1000
}
