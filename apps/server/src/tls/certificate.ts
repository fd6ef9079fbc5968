import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'

/** A certificate with its chain, and its private key: both in PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Where they lie, and the settings that say so. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
  readonly settings: { readonly cert: string; readonly key: string }
}

/** What a server is told of it. */
export const secureContext = ({ cert, key }: Certificate) => ({ cert, key, minVersion: 'TLSv1.2' }) as const

/** @throws Error for the operator, where the files cannot be read or are not a pair */
export async function readCertificate(files: CertificateFiles): Promise<Certificate> {
  const { settings } = files
  const [cert, key] = await Promise.all([textOf(files.cert, settings.cert), textOf(files.key, settings.key)])
  let leaf: X509Certificate
  try {
    leaf = new X509Certificate(cert)
  } catch {
    throw new Error(`${settings.cert} (${files.cert}) is no certificate in PEM`)
  }
  let privateKey: KeyObject
  try {
    privateKey = createPrivateKey(key)
  } catch {
    throw new Error(`${settings.key} (${files.key}) is no private key in PEM without a password`)
  }
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new Error(
      `${settings.key} (${files.key}) is not the key of the first certificate in ${settings.cert} (${files.cert})`,
    )
  }
  try {
    createSecureContext(secureContext({ cert, key }))
  } catch (error) {
    // The rest of the chain, and what OpenSSL finds too weak.
    throw new Error(`${settings.cert} (${files.cert}) cannot be used: ${(error as Error).message}`)
  }
  return { cert, key }
}

async function textOf(path: string, setting: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new Error(`${setting} (${path}) cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`)
  }
}
