import { handler as api } from './api.ts'
import type { HttpEvent, HttpResult } from './events.ts'

/**
 * CloudFront signs what it sends to a function URL, in the headers that a caller may need for signatures and tokens of its
 * own. A function of CloudFront (`deploy/aws/edge/viewer-request.js`) has put the caller's aside under this prefix.
 */
const PREFIX = 'x-skycrate-viewer-'
const PUT_ASIDE = ['authorization', 'host', 'x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token']
const ADDRESS = `${PREFIX}address`

/** The request as the caller sent it to CloudFront. Only for a function URL that nobody but CloudFront may call. */
export function asSent(event: HttpEvent): HttpEvent {
  const headers: Record<string, string | undefined> = { ...event.headers }
  for (const name of PUT_ASIDE) {
    headers[name] = headers[`${PREFIX}${name}`]
    delete headers[`${PREFIX}${name}`]
  }
  const address = headers[ADDRESS]
  delete headers[ADDRESS]
  delete headers['x-forwarded-for']
  const { http } = event.requestContext
  if (http === undefined || address === undefined) return { ...event, headers }
  return { ...event, headers, requestContext: { ...event.requestContext, http: { ...http, sourceIp: address } } }
}

export const handler = (event: HttpEvent): Promise<HttpResult> => api(asSent(event))
