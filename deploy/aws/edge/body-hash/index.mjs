// A function of Lambda@Edge. Function URLs take no body without its hash, which CloudFront signs but does not make.
import { createHash } from 'node:crypto'

export async function handler(event) {
  const { request } = event.Records[0].cf
  const { body, method } = request
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return request
  if (body?.inputTruncated) return { status: '413', statusDescription: 'Content Too Large' }
  const bytes = Buffer.from(body?.data ?? '', body?.encoding === 'text' ? 'utf8' : 'base64')
  const value = createHash('sha256').update(bytes).digest('hex')
  request.headers['x-amz-content-sha256'] = [{ key: 'x-amz-content-sha256', value }]
  return request
}
