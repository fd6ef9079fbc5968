import type { StoreId } from '../naming/store.ts'
import { actionSet } from './operation.ts'
import type { Permission } from './permission.ts'
import { USER_ID_VARIABLE } from './variables.ts'

/** A permission that is not stored yet. */
export type NewPermission = Omit<Permission, 'id'> & { readonly description: string }

/**
 * The four access levels (guest, public, protected, private) as permissions on the library bucket: rows like any other,
 * which an administrator sees and may change.
 */
export function accessLevels(store: StoreId, bucket: string): NewPermission[] {
  const guest = { kind: 'guest' } as const
  const everyone = { kind: 'everyone' } as const
  const view = actionSet(['read', 'list'])
  const all = actionSet(['read', 'list', 'write', 'delete'])
  return [
    {
      principal: guest,
      store,
      bucket,
      prefix: 'public/',
      actions: view,
      description: 'Access level public: guests read',
    },
    { principal: everyone, store, bucket, prefix: 'public/', actions: all, description: 'Access level public' },
    {
      principal: guest,
      store,
      bucket,
      prefix: 'protected/',
      actions: view,
      description: 'Access level protected: guests read',
    },
    {
      principal: everyone,
      store,
      bucket,
      prefix: 'protected/',
      actions: view,
      description: 'Access level protected: all read',
    },
    {
      principal: everyone,
      store,
      bucket,
      prefix: `protected/${USER_ID_VARIABLE}/`,
      actions: all,
      description: 'Access level protected: the owner writes',
    },
    {
      principal: everyone,
      store,
      bucket,
      prefix: `private/${USER_ID_VARIABLE}/`,
      actions: all,
      description: 'Access level private: the owner alone',
    },
  ]
}
