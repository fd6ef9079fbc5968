/** Where a tab keeps which folders of the tree are open. */
const KEPT = 'skycrate.open-folders'
/** Folders of one tree that are kept. */
const MOST = 500

const kept = (): Record<string, unknown> => {
  try {
    const found: unknown = JSON.parse(sessionStorage.getItem(KEPT) ?? '{}')
    return typeof found === 'object' && found !== null ? { ...found } : {}
  } catch {
    return {}
  }
}

/** The folders of a bucket that were open when this tab showed it last. */
export function keptOpenFolders(bucket: string): ReadonlySet<string> {
  const all = kept()
  const prefixes = Object.hasOwn(all, bucket) ? all[bucket] : []
  return new Set(Array.isArray(prefixes) ? prefixes.filter((each) => typeof each === 'string') : [])
}

export function keepOpenFolders(bucket: string, prefixes: ReadonlySet<string>): void {
  sessionStorage.setItem(KEPT, JSON.stringify({ ...kept(), [bucket]: [...prefixes].slice(-MOST) }))
}

/** Their names are nobody else's business. */
export const forgetOpenFolders = (): void => sessionStorage.removeItem(KEPT)
