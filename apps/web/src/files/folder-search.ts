/** The name of a file of the folder that is shown at once. */
interface Shown {
  readonly file?: string
}

const shownIn = ({ file }: Record<string, unknown>): Shown => (typeof file === 'string' && file !== '' ? { file } : {})

/** The folder of the Files page, as it stands in the address: below the caller's home, ending in '/'. */
export const folderIn = (search: Record<string, unknown>): Shown & { readonly folder?: string } => {
  const { folder } = search
  return { ...(typeof folder === 'string' && folder !== '' ? { folder } : {}), ...shownIn(search) }
}

/** The folder of a location's page, as it stands in the address. */
export const prefixIn = (search: Record<string, unknown>): Shown & { readonly prefix?: string } => {
  const { prefix } = search
  return { ...(typeof prefix === 'string' && prefix !== '' ? { prefix } : {}), ...shownIn(search) }
}
