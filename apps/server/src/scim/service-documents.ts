import { isObject, type JsonObject } from './body.ts'
import { MAX_COUNT } from './list-query.ts'
import { ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA } from './schemas.ts'

/** What this service can do, for clients that ask. @see RFC 7643 section 5 */
export const serviceProviderConfig = (base: string): JsonObject => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MAX_COUNT },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'Bearer token',
      description: 'The token of the directory, which an administrator of SkyCrate creates.',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` },
})

/** @see RFC 7643 section 6 */
export const resourceTypes = (base: string): readonly JsonObject[] => [
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'User',
    name: 'User',
    endpoint: '/Users',
    description: 'A person.',
    schema: USER_SCHEMA,
    schemaExtensions: [{ schema: ENTERPRISE_SCHEMA, required: false }],
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/User` },
  },
  {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id: 'Group',
    name: 'Group',
    endpoint: '/Groups',
    description: 'A group of people.',
    schema: GROUP_SCHEMA,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/Group` },
  },
]

interface Options {
  readonly type?: string
  readonly required?: boolean
  readonly caseExact?: boolean
  readonly mutability?: string
  readonly returned?: string
  readonly uniqueness?: string
  readonly multiValued?: boolean
  readonly parts?: readonly JsonObject[]
}

function attribute(name: string, options: Options = {}): JsonObject {
  const { type = 'string', parts, ...more } = options
  return {
    name,
    type: parts ? 'complex' : type,
    multiValued: false,
    required: false,
    caseExact: false,
    mutability: 'readWrite',
    returned: 'default',
    uniqueness: 'none',
    ...more,
    ...(parts ? { subAttributes: parts } : {}),
  }
}

const texts = (...names: string[]): JsonObject[] => names.map((name) => attribute(name))
const list = (name: string, ...parts: string[]): JsonObject =>
  attribute(name, {
    multiValued: true,
    parts: [...texts('value', ...parts, 'type'), attribute('primary', { type: 'boolean' })],
  })
const reference = attribute('$ref', { type: 'reference', mutability: 'readOnly' })

/** What of a user and a group is kept. @see RFC 7643 section 7 */
export const schemas = (base: string): readonly JsonObject[] =>
  [
    {
      id: USER_SCHEMA,
      name: 'User',
      description: 'A person.',
      attributes: [
        attribute('userName', { required: true, uniqueness: 'server' }),
        attribute('externalId', { caseExact: true }),
        attribute('name', {
          parts: texts('formatted', 'familyName', 'givenName', 'middleName', 'honorificPrefix', 'honorificSuffix'),
        }),
        ...texts(
          'displayName',
          'nickName',
          'profileUrl',
          'title',
          'userType',
          'preferredLanguage',
          'locale',
          'timezone',
        ),
        attribute('active', { type: 'boolean' }),
        list('emails', 'display'),
        list('phoneNumbers', 'display'),
        list('addresses', 'formatted', 'streetAddress', 'locality', 'region', 'postalCode', 'country'),
        attribute('groups', {
          multiValued: true,
          mutability: 'readOnly',
          parts: [...texts('value', 'display', 'type'), reference],
        }),
      ],
    },
    {
      id: GROUP_SCHEMA,
      name: 'Group',
      description: 'A group of people.',
      attributes: [
        attribute('displayName', { required: true, uniqueness: 'server' }),
        attribute('externalId', { caseExact: true }),
        attribute('members', { multiValued: true, parts: [...texts('value', 'display', 'type'), reference] }),
      ],
    },
    {
      id: ENTERPRISE_SCHEMA,
      name: 'EnterpriseUser',
      description: 'A person in an organization.',
      attributes: [
        ...texts('employeeNumber', 'costCenter', 'organization', 'division', 'department'),
        attribute('manager', { parts: [...texts('value', 'displayName'), reference] }),
      ],
    },
  ].map((schema) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    ...schema,
    meta: { resourceType: 'Schema', location: `${base}/Schemas/${schema.id}` },
  }))

/** One of them by its id. */
export function byId(resources: readonly JsonObject[], id: string): JsonObject | undefined {
  return resources.find((each) => isObject(each) && String(each['id']).toLowerCase() === id.toLowerCase())
}
