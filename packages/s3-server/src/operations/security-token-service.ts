import { namesOf } from '../auth/identity.ts'
import type { Operation } from '../operation.ts'
import type { Reply } from '../reply.ts'
import type { RequestContext } from '../request-context.ts'
import { assumeRole } from '../sts/assume-role.ts'
import { authenticateSts } from '../sts/authenticate-sts.ts'
import type { StsCaller } from '../sts/authenticate-sts.ts'
import { StsError } from '../sts/sts-error.ts'
import { readStsForm } from '../sts/sts-form.ts'
import { element } from '../xml/write-xml.ts'
import type { XmlElement } from '../xml/write-xml.ts'

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
const VERSION = '2011-06-15'

const KNOWN_ELSEWHERE = new Set([
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
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
  const { parameters, hash } = await readStsForm(context.request.body)
  const action = parameters.get('Action')
  if (action === undefined) throw new StsError('MissingAction', 'The request must contain the parameter Action.')
  if (KNOWN_ELSEWHERE.has(action)) throw new StsError('NotImplemented', `${action} is not implemented.`)
  if ((action !== 'AssumeRole' && action !== 'GetCallerIdentity') || parameters.get('Version') !== VERSION) {
    const version = parameters.get('Version') ?? ''
    throw new StsError('InvalidAction', `Could not find operation ${action} for version ${version}`)
  }
  const caller = authenticateSts(context, hash)
  return { action, result: action === 'AssumeRole' ? assumeRole(context, caller, parameters) : callerIdentity(caller) }
}

const reply = (status: number, root: XmlElement): Reply => ({
  status,
  body: { kind: 'xml', namespace: NAMESPACE, root },
})

/** STS, on the address of S3: a form that is posted to the root. Its answers and errors have STS's form, not S3's. */
export const securityTokenService: Operation = {
  name: 'SecurityTokenService',
  method: 'POST',
  scope: 'service',
  access: { by: 'sts' },
  run: async (context) => {
    const { id } = context.request
    try {
      const { action, result } = await run(context)
      return reply(
        200,
        element(`${action}Response`, [
          element(`${action}Result`, result),
          element('ResponseMetadata', [element('RequestId', id)]),
        ]),
      )
    } catch (error) {
      if (!(error instanceof StsError)) throw error
      return reply(
        error.status,
        element('ErrorResponse', [
          element('Error', [
            element('Type', error.status < 500 ? 'Sender' : 'Receiver'),
            element('Code', error.code),
            element('Message', error.message),
          ]),
          element('RequestId', id),
        ]),
      )
    }
  },
}
