/** The folder of the Files page, as it stands in the address: below the caller's home, ending in '/'. */
export const folderIn = ({ folder }: Record<string, unknown>): { readonly folder?: string } =>
  typeof folder === 'string' && folder !== '' ? { folder } : {}

/** The folder of a location's page, as it stands in the address. */
export const prefixIn = ({ prefix }: Record<string, unknown>): { readonly prefix?: string } =>
  typeof prefix === 'string' && prefix !== '' ? { prefix } : {}
