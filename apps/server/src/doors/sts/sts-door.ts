import { readQueryForm } from '@skycrate/aws-wire/query-form'
import { STS_NAMESPACE, STS_VERSION, stsAnswer, stsErrorAnswer } from '@skycrate/aws-wire/sts-answer'
import { StsError } from '@skycrate/aws-wire/sts-error'
import { element, writeXml, type XmlElement } from '@skycrate/aws-wire/write-xml'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { originOf } from '../../http/route.ts'
import { ACCOUNT_ID, ALL_METHODS, type Door, type DoorUse } from '../door.ts'
import { logFailure } from '../log-failure.ts'
import { assumeRoleWithWebIdentity } from './assume-role-with-web-identity.ts'
import { toStsError } from './to-sts-error.ts'

/** The AWS SDK for JavaScript adds a slash. */
const PATHS = ['/sts', '/sts/']

/** STS: for whoever has a token and wants credentials for S3. */
export const stsDoor: Door = (app, use) => {
  app.setErrorHandler((error, request, reply) => {
    const said = toStsError(error)
    logFailure(error, said.status, request)
    if (said.code === 'ServiceUnavailable') reply.header('retry-after', '5')
    return send(reply, said.status, stsErrorAnswer(said, request.id))
  })
  for (const url of PATHS) {
    app.route({
      method: ALL_METHODS,
      url,
      handler: async (request, reply) => {
        const { action, result } = await run(use, request, originOf(request, 'sts'))
        return send(reply, 200, stsAnswer(action, result, request.id))
      },
    })
  }
}

function send(reply: FastifyReply, status: number, root: XmlElement): FastifyReply {
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('text/xml; charset=utf-8')
    .send(writeXml(root, STS_NAMESPACE))
}

/** @throws StsError, AppError, SignatureError */
async function run(
  use: DoorUse,
  request: FastifyRequest,
  origin: RequestOrigin,
): Promise<{ action: string; result: XmlElement[] }> {
  if (request.method !== 'POST') throw new StsError('InvalidAction', 'Send the action as a form, by POST.')
  const text = Buffer.isBuffer(request.body) ? request.body.toString() : ''
  const { parameters, repeated } = readQueryForm(text)
  if (repeated !== undefined) {
    throw new StsError('ValidationError', `${repeated.slice(0, 100)} is given more than once.`)
  }
  const action = parameters.get('Action')
  if (action === undefined) throw new StsError('MissingAction', 'The request must contain the parameter Action.')
  switch (parameters.get('Version') === STS_VERSION ? action : undefined) {
    case 'AssumeRoleWithWebIdentity':
      return { action, result: await assumeRoleWithWebIdentity(use, parameters, origin) }
    case 'GetCallerIdentity': {
      const { userId } = await use.entry.bySignature(request, 'sts', origin)
      const result = [
        element('Arn', `arn:aws:sts::${ACCOUNT_ID}:assumed-role/skycrate/${userId}`),
        element('UserId', userId),
        element('Account', ACCOUNT_ID),
      ]
      return { action, result }
    }
    default:
      throw new StsError('InvalidAction', `Could not find operation ${action.slice(0, 100)} of version ${STS_VERSION}.`)
  }
}
