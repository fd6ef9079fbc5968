import type { Caller } from '@skycrate/core/access/permission'
import type { StoreId } from '@skycrate/core/naming/store'
import type { RequestOrigin } from '../audit/audit-event.ts'

export const COPY_OBJECTS = 'objects.copy'
export const MOVE_OBJECTS = 'objects.move'
export const DELETE_OBJECTS = 'objects.delete'
export const RESTORE_OBJECTS = 'objects.restore'

export type Person = Exclude<Caller, { readonly guest: true }>

/** Who asked for a job, and from where: each of its steps is decided and recorded as theirs. */
export interface AskedBy {
  readonly caller: Person
  readonly origin: RequestOrigin
}

/** One object, or everything below a prefix. */
export type Source = { readonly key: string } | { readonly prefix: string }

export const pathOf = (source: Source): string => ('key' in source ? source.key : source.prefix)

export type TransferItem =
  | { readonly key: string; readonly toKey: string }
  | { readonly prefix: string; readonly toPrefix: string }

export type OnConflict = 'fail' | 'keep-both' | 'replace' | 'skip'

/** What became of one object. */
export type Outcome =
  | 'done'
  /** Left where it was: its name is taken. */
  | 'skipped'
  /** Gone before its turn. */
  | 'missing'
  /** Copied, but written anew meanwhile: it stays at its source, too. */
  | 'changed'
  /** Archived, or its new key would be too long. */
  | 'failed'

export interface TransferInput extends AskedBy {
  readonly store: StoreId
  readonly from: string
  readonly to: string
  readonly items: readonly TransferItem[]
  readonly onConflict: OnConflict
}

export interface DeletionInput extends AskedBy {
  readonly store: StoreId
  readonly bucket: string
  readonly items: readonly Source[]
}

export interface RestoreInput extends AskedBy {
  readonly store: StoreId
  readonly bucket: string
  readonly items: readonly Source[]
  /** ISO 8601; null: whenever they were deleted. */
  readonly deletedSince: string | null
}

/** What the caller's later decisions depend on, and nothing else of what a token told. */
export const personOf = ({ userId, groups, verifiedEmail, scope }: Person): Required<Person> => ({
  userId,
  groups,
  verifiedEmail: verifiedEmail ?? null,
  scope: scope ?? null,
})
