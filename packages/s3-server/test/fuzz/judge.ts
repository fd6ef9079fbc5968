import { XMLValidator } from 'fast-xml-parser'
import { S3_ERRORS } from '../../src/s3-error.ts'

/** An HTTP answer taken off the wire. */
interface WireAnswer {
  readonly status: number
  readonly head: string
  readonly body: Buffer
}

export type Verdict =
  | { readonly verdict: 'good'; readonly answers: readonly string[] }
  | { readonly verdict: 'bad'; readonly why: string }

class Malformed extends Error {}

const headerOf = (head: string, name: string): string | undefined =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(head)?.[1]

/** @param isBodiless tells for each answer whether its request was one for a head alone */
const readAnswers = (bytes: Buffer, isBodiless: (at: number) => boolean): WireAnswer[] => {
  const answers: WireAnswer[] = []
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf('\r\n\r\n', at)
    if (end === -1) throw new Malformed('a head without end')
    const head = bytes.subarray(at, end).toString('latin1')
    const status = Number(/^HTTP\/1\.1 ([1-5][0-9]{2}) [^\r\n]*(\r\n[!#-'*+\-.^-`|~\w]+:[^\r\n]*)*$/.exec(head)?.[1])
    if (Number.isNaN(status)) throw new Malformed(`not a head: ${head.slice(0, 300)}`)
    at = end + 4
    if (status < 200) continue
    const lengthText = headerOf(head, 'content-length')
    // What is no HTTP is answered in full: its method may be anything.
    const isRefusal = status === 400 && bytes.subarray(at).toString('latin1', 0, 5) === '<?xml'
    const isEmpty = status === 204 || status === 304 || (isBodiless(answers.length) && !isRefusal)
    if (!isEmpty && lengthText === undefined) throw new Malformed(`no length: ${head}`)
    const length = isEmpty ? 0 : Number(lengthText)
    if (bytes.length < at + length) throw new Malformed(`cut off: ${head}`)
    answers.push({ status, head, body: bytes.subarray(at, at + length) })
    at += length
  }
  return answers
}

const ownText = (xml: string, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]

/** Why an answer is none that S3 might give; undefined when it is one. */
const faultOf = ({ status, head, body }: WireAnswer, isBodiless: boolean): string | undefined => {
  if (status < 400) return undefined
  // Of an expectation that can't be met HTTP itself tells all there is to tell.
  if (isBodiless || status === 417) return status === 500 || status === 503 ? `status ${status}` : undefined
  const xml = body.toString()
  if (headerOf(head, 'content-type') !== 'application/xml' && !xml.includes('<ErrorResponse')) return `no XML: ${head}`
  // References to control characters are what S3 writes for them.
  const shown = xml.replaceAll(/&#x[0-9A-F]+;/g, '?')
  if (XMLValidator.validate(shown) !== true) return 'an error that is not well formed'
  const code = ownText(xml, 'Code')
  if (code === undefined) return 'an error without code'
  if (xml.includes('<ErrorResponse')) return status < 500 || status === 501 ? undefined : code
  const known = Object.entries(S3_ERRORS).find(([name]) => name === code)?.[1]
  if (known?.[0] !== status) return `${code} with ${status}`
  if (code === 'InternalError' || code === 'ServiceUnavailable') return code
  return ownText(xml, 'RequestId') === undefined ? 'an error without request id' : undefined
}

/** Whether what came over a connection is answers that S3 might give, and nothing else. */
export const judge = (bytes: Buffer, isBodiless: (at: number) => boolean, mayBeCut: boolean): Verdict => {
  try {
    const answers = readAnswers(bytes, isBodiless)
    for (const [at, answer] of answers.entries()) {
      const fault = faultOf(answer, isBodiless(at))
      if (fault !== undefined) {
        return { verdict: 'bad', why: `${fault}\n${answer.head}\n\n${answer.body.toString('latin1').slice(0, 1500)}` }
      }
    }
    return {
      verdict: 'good',
      answers: answers.map(({ status, body }) => ownText(body.toString('latin1', 0, 2000), 'Code') ?? String(status)),
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return mayBeCut ? { verdict: 'good', answers: ['cut'] } : { verdict: 'bad', why: error.message }
  }
}
