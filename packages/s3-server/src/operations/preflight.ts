import { corsHeaders, findCorsRule, requestedHeaders } from '../cors.ts'
import type { CorsRule } from '../cors.ts'
import type { Operation } from '../operation.ts'
import { emptyReply } from '../reply.ts'
import { S3Error } from '../s3-error.ts'

/**
 * STS answers any page, as on AWS: it takes no cookies, so that a page can do nothing there but what its own token or
 * key lets it do.
 */
const STS_CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST',
  vary: 'Access-Control-Request-Headers, Access-Control-Request-Method',
}

/**
 * Answers a browser's question whether a page may send a request. A bucket that is not there and one without CORS rules
 * get the same answer, since the question comes without credentials.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html
 */
export const preflight: Operation = {
  name: 'Preflight',
  method: 'OPTIONS',
  scope: 'any',
  allows: 'any',
  access: { by: 'anyone' },
  run: ({ site: { store }, request }) => {
    const { headers } = request
    const origin = headers.get('origin')
    const method = headers.get('access-control-request-method')
    if (origin === undefined || method === undefined) {
      throw new S3Error('BadRequest', {
        message: 'Insufficient information. Origin and Access-Control-Request-Method request headers needed.',
      })
    }
    const asked = requestedHeaders(headers)
    const allowed = asked.length === 0 ? {} : { 'access-control-allow-headers': asked.join(', ') }
    if (request.bucket === undefined && method === 'POST') return emptyReply(200, { ...STS_CORS, ...allowed })
    const bucket = request.bucket === undefined ? undefined : store.buckets.find(request.bucket)
    const document = bucket === undefined ? undefined : store.buckets.setting(bucket.id, 'cors')
    const rule =
      document === undefined ? undefined : findCorsRule(JSON.parse(document) as CorsRule[], origin, method, asked)
    if (rule === undefined) throw new S3Error('AccessForbidden')
    return emptyReply(200, { ...corsHeaders(rule, origin), ...allowed })
  },
}
