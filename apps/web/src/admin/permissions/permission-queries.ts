import type { SkyCrateClient } from '@skycrate/client/client'
import type { NewPermission } from '@skycrate/contract/permissions/schemas'
import { queryOptions } from '@tanstack/react-query'
import { cursorQuery } from '../../data/cursor-query.ts'
import { KEYS } from '../../data/query-keys.ts'
import type { Action } from '../../files/actions-at.ts'
import { filterOf, type PermissionSearch } from './permission-search.ts'

export const permissionsQuery = (api: SkyCrateClient, search: PermissionSearch) =>
  cursorQuery({
    queryKey: [KEYS.permissions, 'list', search],
    fetchPage: (cursor, signal) => api.listPermissions({ ...filterOf(search), cursor, limit: 100 }, { signal }),
  })

/** A change that is not made yet. */
export type Edit =
  | { readonly create: NewPermission }
  | { readonly update: { readonly id: string; readonly permission: NewPermission } }
  | { readonly delete: { readonly id: string } }

/** Asked anew each time it is shown, and never of an edit that has just been made: a deleted permission has no preview. */
export const previewQuery = (api: SkyCrateClient, edit: Edit) =>
  queryOptions({
    queryKey: [KEYS.permissionPreviews, edit],
    gcTime: 0,
    queryFn: ({ signal }) => api.request('previewPermission', { body: edit as never }, { signal }),
    retry: false,
  })

export const ACTION_ORDER = ['list', 'read', 'write', 'delete'] as const satisfies readonly Action[]

/** Who may do each of the four things at a place. */
export const whoCanQuery = (api: SkyCrateClient, bucket: string, key: string) =>
  queryOptions({
    queryKey: [KEYS.permissions, 'who-can', bucket, key],
    queryFn: async ({ signal }) => {
      const answers = await Promise.all(
        ACTION_ORDER.map((action) => api.request('whoCan', { body: { bucket, key, action } }, { signal })),
      )
      return ACTION_ORDER.map((action, i) => ({ action, ...answers[i]! }))
    },
  })

/** The folders right below a prefix that permissions name. */
export const foldersQuery = (api: SkyCrateClient, bucket: string, prefix: string) =>
  queryOptions({
    queryKey: [KEYS.permissions, 'folders', bucket, prefix],
    queryFn: async ({ signal }) => {
      const query = { bucket, limit: 1000, ...(prefix === '' ? {} : { prefix }) }
      const { permissions } = await api.listPermissions(query, { signal })
      const folders = permissions.flatMap((permission) => {
        const end = permission.prefix.indexOf('/', prefix.length)
        return end === -1 ? [] : [permission.prefix.slice(0, end + 1)]
      })
      return [...new Set(folders)].toSorted()
    },
  })
