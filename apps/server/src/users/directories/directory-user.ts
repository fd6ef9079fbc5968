import type { UserId } from '@skycrate/core/naming/id'
import type { UserState } from '../user.ts'

/** What a directory says of a person. */
export interface DirectoryPerson {
  readonly userName: string
  readonly externalId: string | null
  readonly active: boolean
  /** As they are called here. */
  readonly name: string | null
  readonly email: string | null
  /** What else there is, as it was sent. */
  readonly attributes: Readonly<Record<string, unknown>>
}

/** A user whom a directory tells of. */
export interface DirectoryUser {
  readonly id: UserId
  readonly userName: string
  readonly externalId: string | null
  readonly state: UserState
  readonly attributes: Readonly<Record<string, unknown>>
  readonly groups: readonly { readonly id: string; readonly name: string }[]
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Whether somebody may sign in, or will once they come. */
export const isActive = ({ state }: Pick<DirectoryUser, 'state'>): boolean => state === 'active' || state === 'invited'
