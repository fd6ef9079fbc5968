import { createHash } from 'node:crypto'
import type { RequestBody } from '../http/request-body.ts'
import { readQueryForm } from '@skycrate/aws-wire/query-form'
import { StsError } from '@skycrate/aws-wire/sts-error'

/** A session policy, percent-encoded, and everything else with room to spare. */
const MAX_FORM_BYTES = 65_536

/** A request to STS: the parameters of its form, and the hash that its signature covers. */
export interface StsForm {
  readonly parameters: ReadonlyMap<string, string>
  /** SHA-256 in hex. */
  readonly hash: string
}

const formOf = (bytes: Buffer, parametersIn: string): StsForm => {
  const { parameters, repeated } = readQueryForm(parametersIn)
  if (repeated !== undefined) throw new StsError('ValidationError', `${repeated} is given more than once.`)
  return { parameters, hash: createHash('sha256').update(bytes).digest('hex') }
}

/** Of a GET, which has no body. @throws StsError ValidationError */
export const readStsQuery = (rawQuery: string): StsForm => formOf(Buffer.alloc(0), rawQuery)

/** The form and the query together. @throws StsError ValidationError */
export const readStsForm = async (body: RequestBody, rawQuery: string): Promise<StsForm> => {
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of body.read()) {
    size += piece.length
    if (size > MAX_FORM_BYTES) throw new StsError('ValidationError', 'The request is too large.')
    pieces.push(piece)
  }
  const bytes = Buffer.concat(pieces)
  return formOf(bytes, `${rawQuery}&${bytes.toString()}`)
}
