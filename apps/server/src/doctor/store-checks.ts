import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { AppError } from '../errors/app-error.ts'
import { openS3Store } from '../stores/s3/open-s3-store.ts'
import { storeFailure } from '../stores/s3/store-failure.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import { checkBuckets, checkLibrary } from './bucket-checks.ts'
import { bad, type Checks, checksOf, type Finding, good, messageOf, skipped, type Verdict, warning } from './finding.ts'
import { tryOut } from './scratch-checks.ts'
import type { StoreCheckOptions } from './store-check-options.ts'

const CONNECT_MS = 15_000
/** Milliseconds: S3 refuses a request whose time is 15 minutes off. */
const SKEW_TOLERATED = 60_000
const SKEW_BEARABLE = 14 * 60_000

/**
 * Tries what SkyCrate and its clients do at the store, one by one, in a scratch bucket where SkyCrate creates buckets, else
 * below a scratch prefix of the library. What was written is deleted at the end; nothing else is changed.
 */
export async function checkStore(
  target: StoreTarget | { readonly unreachable: string },
  options: Omit<StoreCheckOptions, 'target'>,
): Promise<readonly Finding[]> {
  const checks = checksOf('store')
  if ('unreachable' in target) {
    await checks.run('reach', 'Reach', () => bad(target.unreachable, 'Start SkyCrate with npm start.'))
    return checks.findings
  }
  const given = { ...options, target }
  if (!(await isReached(checks, given))) return checks.findings
  const learnt = new Map<string, string>()
  const regions = {
    regionOf: (_: string, bucket: string) => learnt.get(bucket),
    learn: (_: string, bucket: string, region: string) => void learnt.set(bucket, region),
    of: () => [...learnt.values()],
  }
  const opened = openS3Store(DEFAULT_STORE, target, { regions, logger: options.logger, now: options.now })
  try {
    const known = await checks.run('credentials', 'Credentials', async () => {
      try {
        await opened.store.ping()
        return good('The store knows our credentials.')
      } catch (error) {
        return refused(error)
      }
    })
    if (known.outcome !== 'good') return checks.findings
    const { libraryBucket, registered } = options
    if (libraryBucket !== undefined) await checkLibrary(checks, opened, libraryBucket, given)
    const ofBuckets = registered === undefined ? [] : await checkBuckets(opened, registered, given)
    await tryOut(checks, opened, given)
    return [...checks.findings, ...ofBuckets]
  } finally {
    opened.close()
  }
}

/** Whether anything answers at the endpoint; its `Date` tells the store's clock. */
async function isReached(checks: Checks, { target, now }: StoreCheckOptions): Promise<boolean> {
  let date: number | undefined
  let uncertain = 0
  const reached = await checks.run('reach', 'Reach', async () => {
    const before = now()
    try {
      const answer = await fetch(target.endpoint, { signal: AbortSignal.timeout(CONNECT_MS), redirect: 'manual' })
      await answer.body?.cancel()
      uncertain = now() - before
      const told = Date.parse(answer.headers.get('date') ?? '')
      if (!Number.isNaN(told)) date = told - before
      return good(`The store answers at ${target.endpoint}.`)
    } catch (error) {
      return bad(
        `Nothing answers at ${target.endpoint}: ${messageOf(error)}.`,
        'Start the store, correct S3_ENDPOINT, and let this machine connect (DNS, firewall, certificate).',
      )
    }
  })
  if (reached.outcome !== 'good') return false
  await checks.run('clock', 'Clock', () => {
    if (date === undefined) return skipped('The store does not tell its time.')
    // A header has whole seconds.
    const apart = Math.max(0, Math.abs(date) - uncertain - 1000)
    const detail = `The clock of the store is ${Math.round(Math.abs(date) / 1000)} s ${date < 0 ? 'behind' : 'ahead of'} this machine's.`
    const mend = 'Synchronise both clocks by NTP: a store refuses signatures of another time.'
    if (apart > SKEW_BEARABLE) return bad(detail, mend)
    return apart > SKEW_TOLERATED ? warning(detail, mend) : good('Both clocks agree.')
  })
  return true
}

/** What a store says to credentials that are not right. */
function refused(error: unknown): Verdict {
  const failure = storeFailure(error instanceof AppError ? (error.cause as Error | undefined)?.cause : error)
  const detail = `The store refuses us: ${messageOf(error)}.`
  switch (failure.code) {
    case 'InvalidAccessKeyId':
      return bad(detail, 'Correct S3_ACCESS_KEY_ID: the store has no such key.')
    case 'SignatureDoesNotMatch':
      return bad(detail, 'Correct S3_SECRET_ACCESS_KEY: it is not that of the access key.')
    case 'RequestTimeTooSkewed':
      return bad(detail, 'Synchronise the clocks of this machine and the store by NTP.')
    case 'ExpiredToken':
    case 'InvalidToken':
      return bad(detail, 'Renew the temporary credentials, and set S3_SESSION_TOKEN.')
    case 'AccessDenied':
      return bad(detail, 'Allow what SkyCrate needs: npm run doctor -- --iam prints the policy.')
    case 'CredentialsProviderError':
      return bad(detail, 'Give the machine, task or function a role, or set S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.')
    default:
      return bad(detail, 'Look whether the store works, and whether S3_ENDPOINT and S3_REGION are its own.')
  }
}
