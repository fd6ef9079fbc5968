import { createPresigner } from '@skycrate/core/sigv4/presign'
import { ratesOf } from './rates-of.ts'
import { printTable } from './table.ts'

const URLS = 200_000

/** How many URLs one core signs in a second, by rounds; the SDK's presigner is the peer. */
export async function signing(rounds: number): Promise<void> {
  const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
  const presigner = createPresigner({
    endpoint: 'https://s3.eu-central-1.amazonaws.com',
    region: 'eu-central-1',
    credentials,
    addressing: 'virtual',
  })
  const own = await ratesOf(rounds, URLS, (i) => {
    presigner.presign({
      method: 'GET',
      bucket: 'bucket-a',
      key: `folder-7/report-${i}.pdf`,
      expiresIn: 3600,
      now: Date.now(),
    })
  })
  const { S3Client, GetObjectCommand } = await import('@aws-sdk/client-s3')
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
  const client = new S3Client({ region: 'eu-central-1', credentials })
  const sdk = await ratesOf(rounds, URLS / 100, (i) =>
    getSignedUrl(client, new GetObjectCommand({ Bucket: 'bucket-a', Key: `folder-7/report-${i}.pdf` }), {
      expiresIn: 3600,
    }),
  )
  printTable(
    ['presigner', 'URLs/s a core', 'SkyCrate / this'],
    [
      ['SkyCrate', Math.round(own), '1.00x'],
      ['@aws-sdk/s3-request-presigner', Math.round(sdk), `${(own / sdk).toFixed(1)}x`],
    ],
    `medians of ${rounds} rounds`,
  )
}
