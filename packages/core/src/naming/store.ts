/** Names an object store. Bucket names are unique within one store only. */
export type StoreId = string

/** The store of the configuration, and the one that is meant where a request names none. */
export const DEFAULT_STORE: StoreId = 'default'

const SHAPE = /^[a-z0-9][a-z0-9-]{0,31}$/

/** @returns undefined where the text is not 1–32 of a-z, 0-9 and `-`, starting with a letter or a digit */
export function parseStoreId(text: string): StoreId | undefined {
  return SHAPE.test(text) ? text : undefined
}
