import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Answer, request } from './http.ts'
import { type SigningKeys, signedHeaders } from './sigv4.ts'
import type { System } from './system.ts'

/** The keys of the embedded store, from where an operator finds them. */
export async function storeRootKeys(system: System): Promise<SigningKeys> {
  const text = await readFile(join(system.dataDir, 'secrets.json'), 'utf8')
  const { s3AccessKeyId: accessKeyId, s3SecretAccessKey: secretAccessKey } = JSON.parse(text) as Record<string, string>
  if (!accessKeyId || !secretAccessKey) throw new Error('secrets.json has no keys of the store')
  return { accessKeyId, secretAccessKey }
}

/** A request to the embedded store itself, signed as its operator. */
export async function askStore(
  system: System,
  method: string,
  path: string,
  query: Readonly<Record<string, string>> = {},
  body = '',
): Promise<Answer> {
  const keys = await storeRootKeys(system)
  const asked = { method, origin: system.s3Url, path, query, keys, region: 'us-east-1', at: new Date() }
  const names = Object.entries(query).map(([name, value]) => `${name}=${value}`)
  return request(`${system.s3Url}${path}${names.length > 0 ? `?${names.join('&')}` : ''}`, {
    method,
    headers: signedHeaders(asked, body),
    ...(body === '' ? {} : { body }),
  })
}
