/** The checksums S3 verifies, stores and returns. */
export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const

export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number]

/** Base64 values by algorithm, as stored and as sent. */
export type Checksums = Readonly<Partial<Record<ChecksumAlgorithm, string>>>

export const CHECKSUM_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
}

export const checksumHeader = (algorithm: ChecksumAlgorithm): string => `x-amz-checksum-${algorithm.toLowerCase()}`

/** The XML element's name, such as `ChecksumCRC32`. */
export const checksumElement = (algorithm: ChecksumAlgorithm): string => `Checksum${algorithm}`

const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/

/** Bytes that are to be so and so many, from base64; undefined for any others. */
export const decodeDigest = (text: string, bytes: number): Buffer | undefined => {
  const value = BASE64.test(text) ? Buffer.from(text, 'base64') : undefined
  return value?.length === bytes ? value : undefined
}

/** Reads a name in any case; undefined when S3 has no such algorithm. */
export const parseChecksumAlgorithm = (text: string): ChecksumAlgorithm | undefined =>
  CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase())
