import { createHash } from 'node:crypto'
import {
  CHECKSUM_ALGORITHMS,
  CHECKSUM_BYTES,
  checksumElement,
  checksumHeader,
  decodeDigest,
} from '../checksum/checksum-algorithm.ts'
import type { ChecksumAlgorithm, Checksums } from '../checksum/checksum-algorithm.ts'
import { CrcCombiner } from '../checksum/combine-crc.ts'
import { DigestSet } from '../checksum/digest-set.ts'
import type { HeaderReader } from '../http/header-reader.ts'
import { S3Error } from '../s3-error.ts'
import type { Upload, UploadPart } from '../store/tables/upload-table.ts'
import { childrenOf, optionalText, requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'

const MIN_PART_BYTES = 5 * 1024 ** 2
const MAX_OBJECT_BYTES = 5 * 1024 ** 4
const MAX_PARTS = 10_000

/** A part as the client names it when it completes an upload. */
export interface NamedPart {
  readonly number: number
  readonly etag: string
  readonly checksums: Checksums
}

/** What an upload's parts amount to. */
export interface Assembly {
  readonly parts: readonly UploadPart[]
  readonly size: number
  readonly etag: string
  readonly checksums: Checksums
}

/** @throws S3Error MalformedXML or InvalidPartOrder */
export const readNamedParts = (root: XmlNode): readonly NamedPart[] => {
  const parts = childrenOf(root, 'Part').map((node): NamedPart => {
    const number = requiredText(node, 'PartNumber').trim()
    if (!/^[0-9]{1,5}$/.test(number)) throw new S3Error('MalformedXML')
    const checksums: Partial<Record<ChecksumAlgorithm, string>> = {}
    for (const algorithm of CHECKSUM_ALGORITHMS) {
      const value = optionalText(node, checksumElement(algorithm))
      if (value !== undefined) checksums[algorithm] = value
    }
    return {
      number: Number(number),
      etag: requiredText(node, 'ETag')
        .trim()
        .replace(/^"(.*)"$/, '$1'),
      checksums,
    }
  })
  if (parts.length === 0 || parts.length > MAX_PARTS) throw new S3Error('MalformedXML')
  if (parts.some(({ number }, at) => at > 0 && number <= (parts[at - 1]?.number ?? 0))) {
    throw new S3Error('InvalidPartOrder')
  }
  return parts
}

/** @throws S3Error InvalidRequest for parts named otherwise than the upload was begun */
const checkChecksumMode = ({ attributes }: Upload, named: readonly NamedPart[], headers: HeaderReader): void => {
  const { checksumAlgorithm: algorithm, uploadChecksumType: type } = attributes
  if (algorithm === undefined || type === undefined) return
  const asked = headers.get('x-amz-checksum-type')?.toUpperCase()
  if (asked !== undefined && asked !== type) {
    throw new S3Error('InvalidRequest', {
      message: `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    })
  }
  const bare = type === 'COMPOSITE' ? named.find(({ checksums }) => checksums[algorithm] === undefined) : undefined
  if (bare === undefined) return
  throw new S3Error('InvalidRequest', {
    message: `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the checksum for each part. It was missing for part ${bare.number} in the request.`,
  })
}

/** The checksum of the whole from those of its parts, as the upload was begun with. */
const combineChecksums = ({ attributes }: Upload, parts: readonly UploadPart[]): Checksums => {
  const { checksumAlgorithm: algorithm, uploadChecksumType: type } = attributes
  if (algorithm === undefined) return {}
  const values = parts.map((part) => Buffer.from(part.checksums[algorithm] ?? '', 'base64'))
  if (type === 'FULL_OBJECT' && (algorithm === 'CRC32' || algorithm === 'CRC32C' || algorithm === 'CRC64NVME')) {
    const combiner = new CrcCombiner(algorithm)
    for (const [at, part] of parts.entries()) combiner.append(values[at] ?? Buffer.alloc(0), part.size)
    return { [algorithm]: combiner.digest().toString('base64') }
  }
  const digests = new DigestSet([algorithm])
  for (const value of values) digests.update(value)
  return { [algorithm]: `${digests.result(algorithm).toString('base64')}-${parts.length}` }
}

/** @throws S3Error BadDigest or InvalidRequest when the client expects another whole */
const checkWhole = (headers: HeaderReader, { parts, size, checksums }: Assembly): void => {
  const expectedSize = headers.get('x-amz-mp-object-size')
  if (expectedSize !== undefined && expectedSize !== String(size)) {
    throw new S3Error('InvalidRequest', {
      message: `The provided 'x-amz-mp-object-size' header value ${expectedSize} does not match what was computed: ${size}`,
    })
  }
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const expected = headers.get(checksumHeader(algorithm))
    if (expected === undefined) continue
    const [, value = '', count] = /^([^-]*)(?:-([0-9]{1,5}))?$/.exec(expected) ?? []
    if (
      decodeDigest(value, CHECKSUM_BYTES[algorithm]) === undefined ||
      (count !== undefined && Number(count) !== parts.length)
    ) {
      throw new S3Error('InvalidRequest', { message: `Value for ${checksumHeader(algorithm)} header is invalid.` })
    }
    const computed = checksums[algorithm]
    if (computed === undefined) continue
    if (expected.replace(/-[0-9]+$/, '') !== computed.replace(/-[0-9]+$/, '')) {
      throw new S3Error('BadDigest', {
        message: `The ${algorithm} you specified did not match the calculated checksum.`,
      })
    }
  }
}

/**
 * Puts the named parts of an upload together: their order, sizes, tags and checksums checked, the object's own computed.
 *
 * @throws S3Error InvalidPart, EntityTooSmall, EntityTooLarge, BadDigest or InvalidRequest
 */
export const assembleParts = (
  upload: Upload,
  named: readonly NamedPart[],
  stored: readonly UploadPart[],
  headers: HeaderReader,
): Assembly => {
  checkChecksumMode(upload, named, headers)
  const byNumber = new Map(stored.map((part) => [part.number, part]))
  const parts = named.map(({ number, etag, checksums }) => {
    const part = byNumber.get(number)
    const differs = CHECKSUM_ALGORITHMS.some(
      (name) =>
        checksums[name] !== undefined &&
        part?.checksums[name] !== undefined &&
        checksums[name] !== part.checksums[name],
    )
    if (part === undefined || part.etag !== etag || differs) {
      throw new S3Error('InvalidPart', { fields: { UploadId: upload.id, PartNumber: String(number), ETag: etag } })
    }
    return part
  })
  const small = parts.slice(0, -1).find((part) => part.size < MIN_PART_BYTES)
  if (small !== undefined) {
    throw new S3Error('EntityTooSmall', {
      fields: {
        ETag: small.etag,
        PartNumber: String(small.number),
        ProposedSize: String(small.size),
        MinSizeAllowed: String(MIN_PART_BYTES),
      },
    })
  }
  const size = parts.reduce((sum, part) => sum + part.size, 0)
  if (size > MAX_OBJECT_BYTES) throw new S3Error('EntityTooLarge')
  const hash = createHash('md5')
  for (const part of parts) hash.update(part.etag, 'hex')
  const assembly = {
    parts,
    size,
    etag: `${hash.digest('hex')}-${parts.length}`,
    checksums: combineChecksums(upload, parts),
  }
  checkWhole(headers, assembly)
  return assembly
}
