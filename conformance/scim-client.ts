import { type Answer, request } from './http.ts'

/** SCIM requests as a directory sends them. */
export interface ScimClient {
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, body: unknown): Promise<Answer>
  put(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer>
  patch(path: string, operations: unknown[], headers?: Record<string, string>): Promise<Answer>
  delete(path: string): Promise<Answer>
  /** A body as it stands, of any method and media type. */
  raw(method: string, path: string, body: string, headers?: Record<string, string>): Promise<Answer>
}

export interface ScimUser {
  readonly id: string
  readonly externalId?: string
  readonly userName: string
  readonly active: boolean
  readonly groups: readonly { readonly value: string; readonly display: string }[]
  readonly meta: { readonly version: string; readonly location: string }
  readonly [attribute: string]: unknown
}

export interface ScimList<T> {
  readonly totalResults: number
  readonly startIndex: number
  readonly itemsPerPage: number
  readonly Resources: readonly T[]
}

export interface ScimGroup {
  readonly id: string
  readonly displayName: string
  readonly members?: readonly { readonly value: string; readonly display: string }[]
}

export const PATCH_OP = 'urn:ietf:params:scim:api:messages:2.0:PatchOp'

export function scimClient(url: string, token: string): ScimClient {
  const raw: ScimClient['raw'] = (method, path, body, headers = {}) =>
    request(`${url}/scim/v2${path}`, {
      method,
      ...(body === '' ? {} : { body }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/scim+json; charset=utf-8', ...headers },
    })
  const send = (method: string, path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> =>
    raw(method, path, JSON.stringify(body), headers)
  return {
    raw,
    get: (path, headers) => raw('GET', path, '', headers),
    post: (path, body) => send('POST', path, body),
    put: (path, body, headers) => send('PUT', path, body, headers),
    patch: (path, operations, headers) => send('PATCH', path, { schemas: [PATCH_OP], Operations: operations }, headers),
    delete: (path) => raw('DELETE', path, ''),
  }
}

/** A user as Microsoft Entra ID creates one with its default mapping. */
export const entraUser = (name: string, objectId: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User', 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'],
  externalId: objectId,
  userName: `${name}@contoso.example`,
  active: true,
  addresses: [{ primary: false, type: 'work', country: 'Netherlands' }],
  displayName: `${name} of Contoso`,
  emails: [{ primary: true, type: 'work', value: `${name}@contoso.example` }],
  meta: { resourceType: 'User' },
  name: { formatted: `${name} Contoso`, familyName: 'Contoso', givenName: name },
  preferredLanguage: 'nl-NL',
  title: 'Engineer',
  'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { department: 'Research' },
})

/** A user as Okta creates one. */
export const oktaUser = (name: string, oktaId: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
  userName: `${name}@example.com`,
  name: { givenName: name, familyName: 'Okta' },
  emails: [{ primary: true, value: `${name}@example.com`, type: 'work' }],
  displayName: `${name} Okta`,
  locale: 'en-US',
  externalId: oktaId,
  groups: [],
  password: 'a password that nobody asked for',
  active: true,
})
