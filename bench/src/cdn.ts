import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { getSignedUrl } from '@aws-sdk/cloudfront-signer'
import { createCloudFrontSigner } from '@skycrate/core/cloudfront/sign'
import { ratesOf } from './rates-of.ts'
import { printTable } from './table.ts'

const URLS = { rsa: 3000, ec: 30_000 }
const KEY_ID = 'K2JCJMDEHXQW5F'

/** How many CloudFront URLs one core signs in a second; AWS's signer is the peer, with the same keys. */
export async function cdn(rounds: number): Promise<void> {
  const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString()
  const rsa = pem(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  const ec = pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  const urlOf = (i: number): string => `https://d111111abcdef8.cloudfront.net/folder-7/report-${i}.pdf`
  const expiresAt = Math.floor(Date.now() / 1000) + 3600

  const own = (privateKey: string, count: number): Promise<number> => {
    const signer = createCloudFrontSigner({ id: KEY_ID, privateKey: createPrivateKey(privateKey) })
    return ratesOf(rounds, count, (i) => signer.url(urlOf(i), { expiresAt }))
  }
  const sdk = (privateKey: string, count: number, algorithm: 'SHA1' | 'SHA256'): Promise<number> =>
    ratesOf(rounds, count, (i) =>
      getSignedUrl({
        url: urlOf(i),
        keyPairId: KEY_ID,
        privateKey,
        dateLessThan: new Date(expiresAt * 1000).toISOString(),
        algorithm,
      }),
    )
  const rates = [
    ['SkyCrate, ECDSA P-256', await own(ec, URLS.ec)],
    ['SkyCrate, RSA 2048', await own(rsa, URLS.rsa)],
    ['@aws-sdk/cloudfront-signer, ECDSA P-256', await sdk(ec, URLS.ec / 10, 'SHA256')],
    ['@aws-sdk/cloudfront-signer, RSA 2048', await sdk(rsa, URLS.rsa / 3, 'SHA1')],
  ] as const
  const first = rates[0][1]
  printTable(
    ['signer', 'URLs/s a core', 'SkyCrate, ECDSA / this'],
    rates.map(([name, rate]) => [name, Math.round(rate), `${(first / rate).toFixed(1)}x`]),
    `medians of ${rounds} rounds`,
  )
}
