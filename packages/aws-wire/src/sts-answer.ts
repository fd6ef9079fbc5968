import type { StsError } from './sts-error.ts'
import { element } from './write-xml.ts'
import type { XmlElement } from './write-xml.ts'

export const STS_NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/'
export const STS_VERSION = '2011-06-15'

/** The document that an action of STS is answered with. */
export const stsAnswer = (action: string, result: readonly XmlElement[], requestId: string): XmlElement =>
  element(`${action}Response`, [
    element(`${action}Result`, result),
    element('ResponseMetadata', [element('RequestId', requestId)]),
  ])

export const stsErrorAnswer = ({ code, status, message }: StsError, requestId: string): XmlElement =>
  element('ErrorResponse', [
    element('Error', [
      element('Type', status < 500 ? 'Sender' : 'Receiver'),
      element('Code', code),
      element('Message', message),
    ]),
    element('RequestId', requestId),
  ])
