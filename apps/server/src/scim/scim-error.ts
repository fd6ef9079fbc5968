import { type ProblemCode, PROBLEMS } from '@skycrate/contract/problem'
import { AppError } from '../errors/app-error.ts'
import { FilterRefusedError } from '../users/directories/resource-filter.ts'

/** @see RFC 7644 table 9 */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'

/** A refusal in SCIM's own terms. */
export class ScimError extends Error {
  override readonly name = 'ScimError'
  readonly status: number
  readonly scimType: ScimType | undefined

  constructor(status: number, detail: string, scimType?: ScimType) {
    super(detail)
    this.status = status
    this.scimType = scimType
  }
}

const TYPES: Readonly<Partial<Record<ProblemCode, ScimType>>> = {
  'invalid-request': 'invalidValue',
  conflict: 'uniqueness',
  'last-administrator': 'mutability',
}

/** What to answer an error with; undefined for a fault of this server. */
export function toScimError(error: unknown): ScimError | undefined {
  if (error instanceof ScimError) return error
  if (error instanceof FilterRefusedError) return new ScimError(400, `The filter: ${error.message}.`, 'invalidFilter')
  if (!(error instanceof AppError)) return undefined
  const { status, title } = PROBLEMS[error.code]
  const mistakes = (error.errors ?? []).map(({ path, message }) => `${path.slice(1)} ${message}`)
  return new ScimError(status, [error.detail ?? title, ...mistakes].join(': '), TYPES[error.code])
}

/** @see RFC 7644 section 3.12 */
export function errorBody({ status, scimType, message }: ScimError): object {
  return {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType === undefined ? {} : { scimType }),
    detail: message,
  }
}
