import assert from 'node:assert/strict'
import type { Agent } from 'node:http'
import { textOf } from '../door-steps.ts'
import { type Answer, request } from '../http.ts'
import { objectPath, presignedUrl, type SigningKeys, signedHeaders, uriEncode } from '../sigv4.ts'
import type { Asked, Operation } from './model.ts'

export const REGION = 'us-east-1'

export const queryText = (query: Readonly<Record<string, string>>): string =>
  Object.entries(query)
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .join('&')

export function storeOf({ system, owner }: Asked, agent: Agent) {
  const send = async (
    keys: SigningKeys,
    method: string,
    path: string,
    query: Readonly<Record<string, string>> = {},
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const body = method === 'PUT' && headers['x-amz-copy-source'] === undefined ? 'x' : ''
    const ask = { method, origin: system.s3Url, path, query, headers, keys, region: REGION, at: new Date() }
    const text = queryText(query)
    return request(`${system.s3Url}${path}${text === '' ? '' : `?${text}`}`, {
      method,
      headers: signedHeaders(ask, body),
      body,
      agent,
    })
  }
  /** @throws for anything but yes and no */
  const verdict = ({ status, text }: Answer): boolean => {
    if (status === 200 || status === 204) return true
    if (status === 403) return false
    throw new Error(`the store answered ${status}: ${text}`)
  }

  return {
    async create(bucket: string, key: string): Promise<void> {
      const { status, text } = await send(owner, 'PUT', objectPath(bucket, key))
      assert.equal(status, 200, text)
    },

    /** Whether the store allows it. There are several ways to ask for the same. */
    async ask(keys: SigningKeys, { action, bucket, key }: Operation, way: number): Promise<boolean> {
      const path = objectPath(bucket, key ?? '')
      switch (action) {
        case 'read': {
          if (way === 0) {
            const ask = { method: 'GET', origin: system.s3Url, path, keys, region: REGION, at: new Date() }
            return verdict(await request(presignedUrl(ask, 300), { agent }))
          }
          return verdict(await send(keys, way === 1 ? 'HEAD' : 'GET', path))
        }
        case 'write': {
          if (way > 1) return verdict(await send(keys, 'PUT', path))
          const begun = await send(keys, 'POST', path, { uploads: '' })
          if (!verdict(begun)) return false
          const uploadId = textOf(begun.text, 'UploadId')!
          const ended = await send(keys, 'DELETE', path, { uploadId })
          assert.equal(ended.status, 204, 'who begins an upload may abort it')
          return true
        }
        case 'delete':
          // Its own key: nobody reads it meanwhile.
          return verdict(await send(keys, 'DELETE', `${path}${uriEncode('~gone')}`))
        case 'list': {
          const query: Record<string, string> = way === 0 ? { 'max-keys': '1' } : { 'list-type': '2', 'max-keys': '1' }
          if (key !== undefined) query['prefix'] = key
          if (way === 1) query['delimiter'] = '/'
          return verdict(await send(keys, 'GET', `/${bucket}`, query))
        }
      }
    },
  }
}
