import { readFileSync } from 'node:fs'
import { readWebIdentity } from '../sts/read-web-identity.ts'
import type { WebIdentityIssuer } from '../sts/web-identity-options.ts'

export type WebIdentityFile =
  | { readonly issuers: readonly WebIdentityIssuer[]; readonly mistakes: readonly [] }
  | { readonly issuers: undefined; readonly mistakes: readonly string[] }

/** Reads the issuers of `--web-identity`; every mistake in the file is named. */
export const readWebIdentityFile = (path: string): WebIdentityFile => {
  const failed = (mistakes: readonly string[]): WebIdentityFile => ({
    issuers: undefined,
    mistakes: mistakes.map((mistake) => `--web-identity ${path}: ${mistake}`),
  })
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return failed([error instanceof Error ? error.message : String(error)])
  }
  const read = readWebIdentity(value)
  if (read.outcome === 'mistaken') return failed(read.mistakes)
  return { issuers: value as readonly WebIdentityIssuer[], mistakes: [] }
}
