import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import type { S3ErrorCode } from '../s3-error.ts'
import { readXml } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { openPayload } from './payload.ts'

/** Bytes of a request document. S3's largest, 10,000 parts with checksums or 1,000 long keys, are below this. */
const MAX_DOCUMENT_BYTES = 4 * 1_048_576

/**
 * Reads a small body whole and checks it against what the client announced.
 *
 * @throws S3Error MaxMessageLengthExceeded, BadDigest and what the body's framing can throw
 */
export const readDocument = async (context: RequestContext, maxBytes = MAX_DOCUMENT_BYTES): Promise<string> => {
  const { length, stream, digests, check } = openPayload(context)
  if (length > maxBytes) throw new S3Error('MaxMessageLengthExceeded')
  const pieces: Buffer[] = []
  for await (const piece of stream) {
    digests.update(piece)
    // Good only until the next one comes.
    pieces.push(Buffer.from(piece))
  }
  check()
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces))
  } catch (error) {
    throw new S3Error('MalformedXML', { cause: error })
  }
}

/**
 * As `readDocument`, parsed.
 *
 * @param missing what an empty body is called: most operations have a code of its own for it
 * @throws S3Error MalformedXML or `missing`
 */
export const readXmlDocument = async (
  context: RequestContext,
  root: string,
  missing: S3ErrorCode = 'MissingRequestBodyError',
): Promise<XmlNode> => {
  const text = await readDocument(context)
  if (text === '') throw new S3Error(missing)
  return readXml(text, root)
}
