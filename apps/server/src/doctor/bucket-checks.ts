import { type Aim, SETTING_OF, settingsFor } from '../buckets/bucket-aims.ts'
import type { BucketsConfig } from '../buckets/buckets-config.ts'
import { checkCors } from './cors-check.ts'
import { bad, type Checks, checksOf, type Finding, good, skipped, warning } from './finding.ts'
import type { RegisteredBuckets } from './registered-buckets.ts'
import type { Opened, StoreCheckOptions } from './store-check-options.ts'
import { URL_SECONDS } from './store-request.ts'

/** Buckets that are looked at together. */
const AT_ONCE = 4

/** Looks at the library as it stands, and changes nothing. */
export async function checkLibrary(
  checks: Checks,
  { store, signer }: Opened,
  bucket: string,
  { buckets, now }: StoreCheckOptions,
): Promise<void> {
  const found = await checks.run('library', 'Library bucket', async () => {
    const { presence } = await store.findBucket(bucket)
    if (presence === 'owned') return good(`The bucket ${bucket} is there.`)
    return presence === 'absent'
      ? bad(`The bucket ${bucket} is not there.`, 'Start SkyCrate: it creates the bucket, if its credentials may.')
      : bad(
          `The bucket ${bucket} is somebody else's, or our credentials may not use it.`,
          'Name another bucket in SKYCRATE_LIBRARY_BUCKET, or allow s3:ListBucket.',
        )
  })
  if (found.outcome !== 'good') return
  await checks.run('library-settings', 'Settings of the library', async () => {
    const wrong = await wrongSettings(store, bucket, { kind: 'library', userId: null, retentionDays: null }, buckets)
    return wrong.length === 0
      ? good('They are as SkyCrate sets them.')
      : warning(`${bucket} is not ${wrong.join(', ')}.`, 'Open the bucket on the Buckets page, and apply its settings.')
  })
  await checkCors(checks, 'library-cors', bucket, buckets.webOrigins, signFor(signer, bucket, now))
}

/** Looks at the buckets of the list as they stand, as far as they were read, and changes nothing. */
export async function checkBuckets(
  opened: Opened,
  { buckets, total }: RegisteredBuckets,
  options: StoreCheckOptions,
): Promise<readonly Finding[]> {
  const findings: (readonly Finding[])[] = Array.from({ length: buckets.length })
  let next = 0
  const work = async (): Promise<void> => {
    for (let at = next++; at < buckets.length; at = next++)
      findings[at] = await checkBucket(opened, buckets[at]!, options)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  if (total > buckets.length) {
    const rest = checksOf('store')
    await rest.run('buckets', 'Other buckets', () =>
      skipped(`${buckets.length} of ${total} buckets were checked. The Buckets page shows the others.`),
    )
    findings.push(rest.findings)
  }
  return findings.flat()
}

async function checkBucket(
  { store, signer }: Opened,
  { name, kind, adopted, retentionDays }: RegisteredBuckets['buckets'][number],
  { buckets, now }: StoreCheckOptions,
): Promise<readonly Finding[]> {
  const checks = checksOf('store')
  const found = await checks.run(`bucket-${name}`, `Bucket ${name}`, async () => {
    const { presence } = await store.findBucket(name)
    if (presence === 'absent') {
      return bad(
        'It is in the list, but not at the store.',
        'Create it at the store again, or delete it on the Buckets page.',
      )
    }
    if (presence !== 'owned') {
      return bad("It is somebody else's, or our credentials may not use it.", 'Allow s3:ListBucket on it.')
    }
    // The settings of a bucket that was there before are its owner's.
    if (adopted) return good('It is there.')
    const wrong = await wrongSettings(store, name, { kind, userId: null, retentionDays }, buckets)
    return wrong.length === 0
      ? good('It is there, as SkyCrate sets it.')
      : warning(`It is not ${wrong.join(', ')}.`, 'Open the bucket on the Buckets page, and apply its settings.')
  })
  if (found.outcome === 'bad') return checks.findings
  await checkCors(checks, `bucket-${name}-cors`, name, buckets.webOrigins, signFor(signer, name, now))
  // Whether pages are to use it, its owner knows.
  return checks.findings.map((each) =>
    adopted && each.outcome === 'bad' ? { ...each, outcome: 'warning' as const } : each,
  )
}

const signFor = (signer: Opened['signer'], bucket: string, now: () => number) => async (method: string) => {
  const { presigner } = await signer.signingFor(bucket)
  return presigner.presign({ method, bucket, key: 'a.txt', expiresIn: URL_SECONDS, now: now() })
}

/** The aims that are set otherwise at the store, in words. */
async function wrongSettings(
  store: Opened['store'],
  bucket: string,
  owner: Parameters<typeof settingsFor>[0],
  buckets: BucketsConfig,
): Promise<readonly string[]> {
  const wrong: string[] = []
  for (const setting of settingsFor(owner, buckets)) {
    // Has a check of its own, or may be another on purpose.
    if (setting.kind === 'cors' || setting.kind === 'lifecycle') continue
    const seen = await store.inspectSetting(bucket, setting)
    if (seen.outcome === 'read' && seen.state !== 'as-wanted') wrong.push(aimOf(setting.kind))
  }
  return wrong
}

const aimOf = (kind: string): string =>
  (Object.keys(SETTING_OF) as Aim[]).find((aim) => SETTING_OF[aim] === kind)?.replaceAll('-', ' ') ?? kind
