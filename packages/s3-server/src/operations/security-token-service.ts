import { namesOf } from '../auth/identity.ts'
import type { Operation } from '../operation.ts'
import type { Reply } from '../reply.ts'
import type { RequestContext } from '../request-context.ts'
import { S3Error } from '../s3-error.ts'
import { assumeRole } from '../sts/assume-role.ts'
import { assumeRoleWithWebIdentity } from '../sts/assume-role-with-web-identity.ts'
import { authenticateSts } from '../sts/authenticate-sts.ts'
import type { StsCaller } from '../sts/authenticate-sts.ts'
import { StsError } from '@skycrate/aws-wire/sts-error'
import { STS_NAMESPACE, STS_VERSION, stsAnswer, stsErrorAnswer } from '@skycrate/aws-wire/sts-answer'
import { readStsForm, readStsQuery } from '../sts/sts-form.ts'
import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

const KNOWN_ELSEWHERE = new Set([
  'AssumeRoleWithSAML',
  'AssumeRoot',
  'DecodeAuthorizationMessage',
  'GetAccessKeyInfo',
  'GetFederationToken',
  'GetSessionToken',
])

const callerIdentity = ({ identity }: StsCaller): XmlElement[] => {
  const names = namesOf(identity)
  return [
    element('Arn', names?.arn ?? ''),
    element('UserId', names?.userId ?? ''),
    element('Account', names?.account ?? ''),
  ]
}

/** @throws StsError */
const run = async (context: RequestContext): Promise<{ action: string; result: XmlElement[] }> => {
  const { method, body, raw } = context.request
  const { parameters, hash } = method === 'GET' ? readStsQuery(raw.rawQuery) : await readStsForm(body, raw.rawQuery)
  const action = parameters.get('Action')
  if (action === undefined) throw new StsError('MissingAction', 'The request must contain the parameter Action.')
  if (KNOWN_ELSEWHERE.has(action)) throw new StsError('NotImplemented', `${action} is not implemented.`)
  const version = parameters.get('Version') ?? ''
  switch (version === STS_VERSION ? action : undefined) {
    case 'AssumeRole':
      return { action, result: assumeRole(context, authenticateSts(context, hash), parameters) }
    case 'AssumeRoleWithWebIdentity':
      return { action, result: await assumeRoleWithWebIdentity(context, parameters) }
    case 'GetCallerIdentity':
      return { action, result: callerIdentity(authenticateSts(context, hash)) }
    default:
      throw new StsError('InvalidAction', `Could not find operation ${action} for version ${version}`)
  }
}

const reply = (status: number, root: XmlElement): Reply => ({
  status,
  // Of any page: see the preflight.
  headers: { 'access-control-allow-origin': '*' },
  body: { kind: 'xml', namespace: STS_NAMESPACE, root },
})

const answer = async (context: RequestContext): Promise<Reply> => {
  const { id } = context.request
  try {
    const { action, result } = await run(context)
    return reply(200, stsAnswer(action, result, id))
  } catch (thrown) {
    // What a session's policies turn on is asked of the same code that decides on requests of S3.
    const isDenied = thrown instanceof S3Error && thrown.code === 'AccessDenied'
    const error = isDenied ? new StsError('AccessDenied', thrown.message) : thrown
    if (!(error instanceof StsError)) throw error
    return reply(error.status, stsErrorAnswer(error, id))
  }
}

const service = { name: 'SecurityTokenService', scope: 'service', access: { by: 'sts' }, run: answer } as const

/**
 * STS, on the address of S3: a form that is posted to the root, or the same in a query, or some of each. Its answers and errors have STS's
 * form, not S3's.
 */
export const securityTokenService: readonly Operation[] = [
  { ...service, method: 'POST', allows: ['Version'] },
  { ...service, method: 'POST', requires: ['Action'], allows: 'any' },
  { ...service, method: 'GET', requires: ['Action'], allows: 'any' },
]
