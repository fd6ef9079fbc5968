import { S3Error } from '../s3-error.ts'

/** The file of a form: its bytes come as they are read, and end where the form's next boundary stands. */
export interface FormFile {
  /** The last part of the path the browser told, '' when it told none. */
  readonly name: string
  readonly contentType: string | undefined
  readonly stream: AsyncIterable<Buffer>
}

export interface UploadForm {
  /** The fields before the file, by lower-case name. */
  readonly fields: ReadonlyMap<string, string>
  readonly file: FormFile
}

/** Bytes of everything before the file, as on S3. */
const MAX_FIELDS_BYTES = 20_480
const CRLF = Buffer.from('\r\n')
const HEADER_END = Buffer.from('\r\n\r\n')

const malformed = (): S3Error => new S3Error('MalformedPOSTRequest')

/** The boundary of a `multipart/form-data` content type. @throws S3Error InvalidArgument or MalformedPOSTRequest */
export const readBoundary = (contentType: string | undefined): string => {
  if (contentType === undefined || !/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new S3Error('InvalidArgument', { message: 'Bucket POST must be of the enclosure-type multipart/form-data' })
  }
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  const boundary = quoted ?? bare
  if (boundary === undefined) throw malformed()
  return boundary
}

/** Takes a stream by pieces that end where a mark stands. */
class MarkedStream {
  readonly #source: AsyncIterator<Buffer>
  #held: Buffer = Buffer.alloc(0)
  #ended = false

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false
    const next = await this.#source.next()
    if (next.done === true) {
      this.#ended = true
      return false
    }
    this.#held = this.#held.length === 0 ? next.value : Buffer.concat([this.#held, next.value])
    return true
  }

  /** Everything up to the mark, which is consumed. @throws S3Error when more than `limit` bytes come before it */
  async until(mark: Buffer, limit: number): Promise<Buffer> {
    for (;;) {
      const at = this.#held.indexOf(mark)
      if (at > limit || (at === -1 && this.#held.length > limit + mark.length)) {
        throw new S3Error('MaxPostPreDataLengthExceededError')
      }
      if (at !== -1) {
        const taken = this.#held.subarray(0, at)
        this.#held = this.#held.subarray(at + mark.length)
        return taken
      }
      if (!(await this.#more())) throw malformed()
    }
  }

  /** As `until`, without a limit and without holding more than one piece. */
  async *streamUntil(mark: Buffer): AsyncGenerator<Buffer, void, undefined> {
    for (;;) {
      const at = this.#held.indexOf(mark)
      if (at !== -1) {
        if (at > 0) yield this.#held.subarray(0, at)
        this.#held = this.#held.subarray(at + mark.length)
        return
      }
      // The mark may have begun in the last bytes.
      const sure = this.#held.length - mark.length + 1
      if (sure > 0) {
        const piece = this.#held.subarray(0, sure)
        this.#held = this.#held.subarray(sure)
        yield piece
      }
      if (!(await this.#more())) throw malformed()
    }
  }

  /** Reads and drops the rest. */
  async drain(): Promise<void> {
    do this.#held = Buffer.alloc(0)
    while (await this.#more())
  }
}

interface PartHead {
  readonly name: string
  readonly fileName: string | undefined
  readonly contentType: string | undefined
}

const parameter = (disposition: string, name: string): string | undefined => {
  const [, quoted, bare] =
    new RegExp(`;\\s*${name}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;"]*))`, 'i').exec(disposition) ?? []
  // Browsers escape quotes and line breaks as %22, %0D and %0A, old ones with a backslash.
  return (quoted?.replace(/\\(["\\])/g, '$1') ?? bare)?.replace(/%(22|0D|0A)/gi, (escape) => decodeURIComponent(escape))
}

const readHead = (bytes: Buffer): PartHead => {
  const headers = new Map<string, string>()
  for (const line of bytes.toString('utf8').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  const disposition = headers.get('content-disposition') ?? ''
  const name = /^form-data\s*;/i.test(disposition) ? parameter(disposition, 'name') : undefined
  if (name === undefined) throw malformed()
  return {
    name: name.toLowerCase(),
    fileName: parameter(disposition, 'filename'),
    contentType: headers.get('content-type'),
  }
}

const decodeText = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new S3Error('MalformedPOSTRequest', { cause: error })
  }
}

/**
 * Reads an upload form up to its file. What follows the file is dropped, as on S3; nothing but the fields is held.
 *
 * @throws S3Error MalformedPOSTRequest, MaxPostPreDataLengthExceededError, or InvalidArgument for a field given twice or
 *   a form without a file
 * @see https://www.rfc-editor.org/rfc/rfc7578
 */
export const readUploadForm = async (source: AsyncIterable<Buffer>, boundary: string): Promise<UploadForm> => {
  const stream = new MarkedStream(source)
  const opening = Buffer.from(`--${boundary}`)
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  const fields = new Map<string, string>()
  let budget = MAX_FIELDS_BYTES
  const take = async (mark: Buffer): Promise<Buffer> => {
    const bytes = await stream.until(mark, budget)
    budget -= bytes.length
    return bytes
  }
  if ((await take(opening)).length > 0) throw malformed()
  for (;;) {
    const afterBoundary = await take(CRLF)
    if (afterBoundary.toString('latin1').startsWith('--')) {
      throw new S3Error('InvalidArgument', { message: 'POST requires exactly one file upload per request.' })
    }
    if (afterBoundary.toString('latin1').trim() !== '') throw malformed()
    const head = readHead(await take(HEADER_END))
    if (head.name === 'file') {
      const content = async function* (): AsyncGenerator<Buffer, void, undefined> {
        yield* stream.streamUntil(delimiter)
        await stream.drain()
      }
      const name = head.fileName?.split(/[/\\]/).at(-1) ?? ''
      return { fields, file: { name, contentType: head.contentType, stream: content() } }
    }
    if (fields.has(head.name)) {
      throw new S3Error('InvalidArgument', { message: `The form field ${head.name} is given more than once.` })
    }
    fields.set(head.name, decodeText(await take(delimiter)))
  }
}
