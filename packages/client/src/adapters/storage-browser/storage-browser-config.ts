import type { SkyCrateClient } from '../../client.ts'
import { type AwsCredentials, heldUntilItEnds } from '../temporary-credentials.ts'

type Action = 'read' | 'write' | 'delete' | 'list'
export type StorageBrowserPermission = 'get' | 'list' | 'write' | 'delete'

export interface StorageBrowserLocation {
  id: string
  bucket: string
  prefix: string
  type: 'BUCKET' | 'PREFIX' | 'OBJECT'
  permissions: StorageBrowserPermission[]
}

/**
 * What `createStorageBrowser` of `@aws-amplify/ui-react-storage/browser` takes as `config`. Types are structural: nothing of
 * Amplify is imported.
 */
export interface StorageBrowserConfig {
  readonly region: string
  /** Host of the store, with its port; absent on AWS. Storage Browser calls it by https. */
  readonly customEndpoint?: string
  readonly registerAuthListener: (onStateChange: () => void) => void
  readonly listLocations: (input?: {
    options?: {
      exclude?: { exactPermissions?: StorageBrowserPermission[]; type?: unknown } | undefined
      nextToken?: string | undefined
      pageSize?: number | undefined
    }
  }) => Promise<{ items: StorageBrowserLocation[]; nextToken: string | undefined }>
  readonly getLocationCredentials: (input: {
    scope: string
    permissions: StorageBrowserPermission[]
  }) => Promise<{ credentials: AwsCredentials }>
}

export interface StorageBrowserOptions {
  /** Of the buckets. */
  readonly region: string
  /** Host of the store, with its port, for stores other than AWS. */
  readonly endpoint?: string | undefined
}

const PERMISSION_OF: Readonly<Record<Action, StorageBrowserPermission>> = {
  read: 'get',
  write: 'write',
  delete: 'delete',
  list: 'list',
}
const ACTION_OF: Readonly<Record<StorageBrowserPermission, Action>> = {
  get: 'read',
  write: 'write',
  delete: 'delete',
  list: 'list',
}
/** Locations whose credentials are held: the folders that somebody walks through are in few. */
const MAX_HELD = 32

/** @param client whose locations are shown. Call `signedOut` of the result where another person signs in */
export function createStorageBrowserConfig(
  client: SkyCrateClient,
  { region, endpoint }: StorageBrowserOptions,
): StorageBrowserConfig & { readonly signedOut: () => void } {
  type Location = Pick<StorageBrowserLocation, 'bucket' | 'prefix' | 'permissions'>
  let known: Location[] = []
  const held = new Map<string, ReturnType<typeof heldUntilItEnds<{ credentials: AwsCredentials; expiration: Date }>>>()
  const listeners: (() => void)[] = []

  /** The folder that is browsed lies in a location: with the credentials of that, the next folder needs none. */
  const locationOf = (bucket: string, prefix: string, permissions: readonly string[]): Location | undefined =>
    known.find(
      (each) =>
        each.bucket === bucket &&
        prefix.startsWith(each.prefix) &&
        permissions.every((permission) => each.permissions.some((has) => has === permission)),
    )

  return {
    region,
    ...(endpoint !== undefined && { customEndpoint: endpoint.replace(/^https?:\/\//, '').replace(/\/+$/, '') }),
    registerAuthListener: (onStateChange) => void listeners.push(onStateChange),
    signedOut() {
      known = []
      held.clear()
      for (const listener of listeners) listener()
    },

    async listLocations({ options: { exclude, nextToken, pageSize } = {} } = {}) {
      const query = { limit: Math.min(pageSize ?? 1000, 1000), cursor: nextToken }
      const page = await client.request('locations', { query })
      const all = page.locations.map(({ bucket, prefix, actions }): StorageBrowserLocation => ({
        id: `${bucket}/${prefix}`,
        bucket,
        prefix,
        type: prefix === '' ? 'BUCKET' : 'PREFIX',
        permissions: actions.map((action) => PERMISSION_OF[action]),
      }))
      if (nextToken === undefined) known = []
      known.push(...all)
      return { items: all.filter((each) => !isExcluded(each, exclude)), nextToken: page.nextCursor ?? undefined }
    },

    async getLocationCredentials({ scope, permissions }) {
      const [, bucket = '', path = ''] = /^s3:\/\/([^/]+)\/(.*)$/s.exec(scope) ?? []
      const folder = path.slice(0, path.lastIndexOf('/') + 1)
      const place = locationOf(bucket, folder, permissions) ?? { bucket, prefix: folder, permissions }
      const actions = permissions.map((permission) => ACTION_OF[permission])
      const name = JSON.stringify([place.bucket, place.prefix, actions.toSorted()])
      let credentials = held.get(name)
      if (!credentials) {
        const body = { bucket: place.bucket, prefix: place.prefix, actions }
        credentials = heldUntilItEnds(async () => {
          const { accessKeyId, secretAccessKey, sessionToken, expiration } = await client.request('createCredentials', {
            body,
          })
          const ends = new Date(expiration)
          return { credentials: { accessKeyId, secretAccessKey, sessionToken, expiration: ends }, expiration: ends }
        })
        if (held.size >= MAX_HELD) held.delete(held.keys().next().value!)
        held.set(name, credentials)
      }
      return { credentials: (await credentials.get()).credentials }
    },
  }
}

function isExcluded(
  { permissions, type }: StorageBrowserLocation,
  exclude: { exactPermissions?: readonly StorageBrowserPermission[]; type?: unknown } | undefined,
): boolean {
  const exact = exclude?.exactPermissions
  const types = exclude?.type === undefined ? [] : [exclude.type].flat()
  if (types.includes(type)) return true
  return exact !== undefined && exact.length === permissions.length && exact.every((each) => permissions.includes(each))
}
