import { CHECKSUM_ALGORITHMS, checksumElement, checksumHeader } from '../checksum/checksum-algorithm.ts'
import type { Checksums } from '../checksum/checksum-algorithm.ts'
import type { ChecksumType } from '../store/tables/object-version.ts'
import { optionalElement } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

/** An answer's headers for checksums that are known to be true. */
export const checksumHeaders = (checksums: Checksums, type?: ChecksumType): Record<string, string> => {
  const headers: Record<string, string> = {}
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const value = checksums[algorithm]
    if (value === undefined) continue
    headers[checksumHeader(algorithm)] = value
    if (type !== undefined) headers['x-amz-checksum-type'] = type
  }
  return headers
}

/** The same as elements of an answer. */
export const checksumElements = (checksums: Checksums): (XmlElement | undefined)[] =>
  CHECKSUM_ALGORITHMS.map((algorithm) => optionalElement(checksumElement(algorithm), checksums[algorithm]))
