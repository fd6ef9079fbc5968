import { randomUUID } from 'node:crypto'
import { isId, type UserId } from '@skycrate/core/naming/id'

/**
 * What a client calls an identity: the user's id for whoever is signed in, so that `private/{identityId}/` is the same
 * folder at every door; an id of Cognito's shape for a guest, which stands for nothing.
 */
export type IdentityId = { readonly kind: 'user'; readonly userId: UserId } | { readonly kind: 'guest' }

const COGNITO = /^[\w-]{1,20}:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** @returns undefined for an id that is none */
export function parseIdentityId(text: string): IdentityId | undefined {
  if (isId('usr', text)) return { kind: 'user', userId: text }
  return COGNITO.test(text) ? { kind: 'guest' } : undefined
}

/** @param pool an identity pool's id, `REGION:UUID` */
export function newGuestId(pool: string): string {
  return `${pool.slice(0, pool.indexOf(':'))}:${randomUUID()}`
}

export const isPoolId = (text: string): boolean => COGNITO.test(text)
