import assert from 'node:assert/strict'
import type { Api, Home, ObjectList, Vended } from './api.ts'
import { type Answer, request } from './http.ts'
import { uriEncode } from './sigv4.ts'

/** What a client does, one step at a time; each throws where the answer is not the expected one. */

export async function home(api: Api): Promise<Home> {
  const answer = await api.get('/home')
  assert.equal(answer.status, 200, answer.text)
  return answer.json<Home>()
}

export async function vend(api: Api, wish: object): Promise<Vended> {
  const answer = await api.post('/s3/presigned-url', wish)
  assert.equal(answer.status, 200, answer.text)
  return answer.json<Vended>()
}

/** Uses a vended URL as it was given: its method, its headers, and nothing of SkyCrate's. */
export function use(vended: Vended, body?: string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  return request(vended.url, {
    method: vended.method,
    headers: { ...vended.headers, ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

export async function upload(
  api: Api,
  bucket: string,
  key: string,
  body: string | Buffer,
  contentType?: string,
): Promise<void> {
  const contentLength = Buffer.byteLength(body)
  const wish = { bucket, key, operation: 'put', contentLength, ...(contentType === undefined ? {} : { contentType }) }
  const answer = await use(await vend(api, wish), body)
  assert.equal(answer.status, 200, answer.text)
}

export async function download(api: Api, bucket: string, key: string): Promise<Buffer> {
  const answer = await use(await vend(api, { bucket, key, operation: 'get' }))
  assert.equal(answer.status, 200, answer.text)
  return answer.body
}

export async function list(api: Api, bucket: string, query: Record<string, string> = {}): Promise<ObjectList> {
  const text = Object.entries(query).map(([name, value]) => `${name}=${uriEncode(value)}`)
  const answer = await api.get(`/s3/list/${bucket}${text.length > 0 ? `?${text.join('&')}` : ''}`)
  assert.equal(answer.status, 200, answer.text)
  return answer.json<ObjectList>()
}

export function remove(api: Api, bucket: string, key: string): Promise<Answer> {
  return api.delete(`/s3/object/${bucket}/${key.split('/').map(uriEncode).join('/')}`)
}
