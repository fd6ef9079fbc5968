import assert from 'node:assert/strict'
import { EMPTY_SHA256 } from './canonical.ts'
import { createPresigner } from './presign.ts'
import { signRequest, type SignInput } from './sign.ts'
import type { VerifyOptions, WireRequest } from './verify.ts'

export const now = Date.UTC(2026, 10, 21, 12)
export const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'secret' }
export const host = 's3.example.com'
export const options: VerifyOptions = {
  lookup: (id) => (id === 'AKIA' ? credentials : undefined),
  region: 'us-east-1',
  service: 's3',
  now,
}

export function byHeader(of: Partial<SignInput> = {}): WireRequest {
  const input: SignInput = {
    method: 'GET',
    host,
    path: '/bucket/key',
    payloadHash: EMPTY_SHA256,
    credentials,
    region: 'us-east-1',
    service: 's3',
    now,
    ...of,
  }
  const headers = Object.entries({ ...signRequest(input).headers, host: input.host })
  return {
    method: input.method,
    rawPath: input.path,
    rawQuery: '',
    headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), [value]])),
  }
}

export function presigned(of: { now?: number; expiresIn?: number; region?: string; token?: string } = {}): WireRequest {
  const { url } = createPresigner({
    endpoint: `https://${host}`,
    region: of.region ?? 'us-east-1',
    credentials: of.token === undefined ? credentials : { ...credentials, sessionToken: of.token },
    addressing: 'path',
  }).presign({ method: 'GET', bucket: 'bucket', key: 'key', expiresIn: of.expiresIn ?? 60, now: of.now ?? now })
  const [rawPath = '', rawQuery = ''] = url.slice(`https://${host}`.length).split('?')
  return { method: 'GET', rawPath, rawQuery, headers: { host: [host] } }
}

export function edit(request: WireRequest, headers: Record<string, readonly string[] | undefined>): WireRequest {
  return { ...request, headers: { ...request.headers, ...headers } }
}

export function editAuthorization(from: string | RegExp, to: string): WireRequest {
  const request = byHeader()
  const before = request.headers['authorization']?.[0] ?? ''
  assert.notEqual(before.replace(from, to), before)
  return edit(request, { authorization: [before.replace(from, to)] })
}

export function editQuery(from: string | RegExp, to: string): WireRequest {
  const request = presigned()
  const rawQuery = request.rawQuery.replace(from, to)
  assert.notEqual(rawQuery, request.rawQuery)
  return { ...request, rawQuery }
}
