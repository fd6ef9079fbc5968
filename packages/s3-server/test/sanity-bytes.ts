/** The bytes that xxHash's own sanity check hashes. */
export const sanityBytes = (length: number): Buffer => {
  const bytes = Buffer.alloc(length)
  let generator = 2654435761n
  for (let at = 0; at < length; at++) {
    bytes[at] = Number(generator >> 56n)
    generator = BigInt.asUintN(64, generator * 0x9e3779b185ebca8dn)
  }
  return bytes
}
