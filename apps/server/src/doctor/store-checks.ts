import { randomBytes } from 'node:crypto'
import { ACTION_BIT } from '@skycrate/core/access/operation'
import { compileSessionPolicy } from '@skycrate/core/access/session-policy'
import { DEFAULT_STORE } from '@skycrate/core/naming/store'
import { createPresigner } from '@skycrate/core/sigv4/presign'
import type { FastifyBaseLogger } from 'fastify'
import { type Aim, SETTING_OF, settingsFor } from '../buckets/bucket-aims.ts'
import type { BucketsConfig } from '../buckets/buckets-config.ts'
import { AppError } from '../errors/app-error.ts'
import { PROTECTIVE } from '../stores/bucket-setting.ts'
import { openS3Store } from '../stores/s3/open-s3-store.ts'
import { storeFailure } from '../stores/s3/store-failure.ts'
import type { StoreTarget } from '../stores/store-target.ts'
import { bad, type Checks, checksOf, type Finding, good, messageOf, skipped, type Verdict, warning } from './finding.ts'
import { checkCors } from './cors-check.ts'

const CONNECT_MS = 15_000
const REQUEST_MS = 15_000
/** Milliseconds: S3 refuses a request whose time is 15 minutes off. */
const SKEW_TOLERATED = 60_000
const SKEW_BEARABLE = 14 * 60_000
const URL_SECONDS = 300
const SESSION_SECONDS = 900
const TEXT = 'Written by the doctor of SkyCrate, and deleted at the end of its checks.\n'

export interface StoreCheckOptions {
  readonly target: StoreTarget
  /** The bucket of the access levels; undefined: there is none. */
  readonly libraryBucket: string | undefined
  /** Whether SkyCrate creates a bucket for each user, and so must be able to. */
  readonly createsBuckets: boolean
  readonly buckets: BucketsConfig
  readonly logger: FastifyBaseLogger
  readonly now: () => number
}

/** Where the doctor may write: a bucket of its own, or a prefix of the library. */
interface Scratch {
  readonly bucket: string
  readonly prefix: string
  readonly own: boolean
}

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
    if (known.outcome === 'good') await tryOut(checks, opened, given)
  } finally {
    opened.close()
  }
  return checks.findings
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

type Opened = ReturnType<typeof openS3Store>

async function tryOut(checks: Checks, opened: Opened, options: StoreCheckOptions): Promise<void> {
  const { store, signer } = opened
  const { libraryBucket, buckets, target } = options
  if (libraryBucket !== undefined) await checkLibrary(checks, opened, libraryBucket, options)
  const scratch = await openScratch(checks, opened, options)
  if (scratch === undefined) return
  const { bucket, prefix } = scratch
  const url = async (
    method: string,
    key: string,
    more: { headers?: Record<string, string>; query?: Record<string, string> } = {},
  ) => {
    const { presigner } = await signer.signingFor(bucket)
    return presigner.presign({ method, bucket, key, expiresIn: URL_SECONDS, now: options.now(), ...more })
  }
  const send = async (method: string, key: string, body?: string, headers: Record<string, string> = {}) => {
    const signed = await url(method, key, { headers })
    return request(signed.url, { method, headers: signed.headers, ...(body === undefined ? {} : { body }) })
  }
  try {
    const file = `${prefix}a b+ü.txt`
    const put = await checks.run('put', 'Upload', async () =>
      expect(await send('PUT', file, TEXT), 200, 'A presigned upload', PUBLIC),
    )
    if (put.outcome !== 'good') return
    await checks.run('if-none-match', 'Uploads that replace nothing', async () => {
      const again = await send('PUT', file, TEXT, { 'if-none-match': '*' })
      if (again.status === 412) return good('An upload with if-none-match does not replace a file.')
      return bad(
        `The store answered ${again.status} to an upload with if-none-match: two people who upload the same name at once can replace each other's file.`,
        'Use a store that honours if-none-match on PutObject (AWS S3, Ceph 18 and later, MinIO, R2).',
      )
    })
    await checks.run('get', 'Download', async () => {
      const signed = await url('GET', file, {
        query: { 'response-content-disposition': 'attachment; filename="a.txt"' },
      })
      const answer = await request(signed.url)
      if (answer.status !== 200 || answer.text !== TEXT) return expect(answer, 200, 'A presigned download', PUBLIC)
      return answer.headers.get('content-disposition')?.startsWith('attachment') === true
        ? good('A presigned URL downloads what was uploaded.')
        : warning(
            'The store ignores response-content-disposition: downloads do not have the names of their files.',
            'Use a store that honours it, or accept that.',
          )
    })
    await checks.run('signature', 'Signatures', async () => {
      const signed = await url('GET', file)
      const answer = await request(`${signed.url.slice(0, -4)}${signed.url.endsWith('0000') ? '1111' : '0000'}`)
      if (answer.status === 403) return good('A changed URL is refused.')
      return bad(
        `The store answered ${answer.status} to a URL with a wrong signature: anybody can read its files.`,
        'Use a store that checks signatures, and look whether the bucket is public.',
      )
    })
    await checks.run('list', 'Listing', async () => {
      const page = await store.listObjects({ bucket, prefix, delimiter: '/', limit: 10 })
      const found = page.ok && page.value.objects.some(({ key }) => key === file)
      return found
        ? good('A listing shows what was uploaded.')
        : bad('A listing does not show what was uploaded.', PUBLIC)
    })
    await checks.run('copy', 'Copying', async () => {
      const head = await store.headObject(bucket, file)
      if (head === undefined) return bad('The store says that the file is not there.', PUBLIC)
      const copied = await store.copyObject({
        from: { bucket, key: file, etag: head.etag, size: head.size, storageClass: head.storageClass },
        to: { bucket, key: `${prefix}copy.txt` },
        ifAbsent: true,
      })
      return copied.ok
        ? good('The store copies by itself.')
        : bad(`A copy came to nothing: ${copied.reason}.`, 'Allow s3:GetObject and s3:PutObject.')
    })
    await checks.run('multipart', 'Large files', () => tryMultipart(opened, scratch, url))
    await checks.run('post', 'Upload by a form', () => tryForm(opened, scratch, options.now()))
    await checks.run('versioning', 'Versions', () => tryVersions(opened, scratch, send))
    if (scratch.own) {
      await applySettings(checks, opened, bucket, buckets)
      await checkCors(checks, 'cors', bucket, buckets.webOrigins, (method) => url(method, file))
    }
    await checks.run('credentials-vended', 'Temporary credentials', () =>
      tryCredentials(opened, scratch, target, options),
    )
    await checks.run('delete', 'Deletion', async () => {
      const answer = await send('DELETE', `${prefix}copy.txt`)
      return expect(answer, 204, 'A presigned deletion', 'Allow s3:DeleteObject.')
    })
  } finally {
    await checks.run(
      'clean-up',
      'Cleaning up',
      async () => {
        if (scratch.own) await store.deleteBucketCompletely(bucket)
        else await store.deletePrefixCompletely(bucket, prefix)
        return good('What the checks wrote is deleted.')
      },
      scratch.own ? `Delete the bucket ${bucket} by hand.` : `Delete ${prefix} in the bucket ${bucket} by hand.`,
    )
  }
}

const PUBLIC =
  'Correct S3_PUBLIC_ENDPOINT, S3_REGION and S3_ADDRESSING, and allow the operation: npm run doctor -- --iam prints what is needed.'

interface Answer {
  readonly status: number
  readonly text: string
  readonly headers: Headers
}

async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(REQUEST_MS) })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

function expect(answer: Answer, status: number, what: string, mend: string): Verdict {
  if (answer.status === status) return good(`${what} works.`)
  const code = /<Code>([^<]{1,100})<\/Code>/.exec(answer.text)?.[1]
  return bad(`${what} was answered with ${answer.status}${code === undefined ? '' : ` ${code}`}.`, mend)
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

async function openScratch(
  checks: Checks,
  { store }: Opened,
  options: StoreCheckOptions,
): Promise<Scratch | undefined> {
  const { libraryBucket, createsBuckets, now } = options
  const name = randomBytes(5).toString('hex')
  if (!createsBuckets) {
    if (libraryBucket === undefined) return undefined
    const { presence } = await store.findBucket(libraryBucket)
    return presence === 'owned' ? { bucket: libraryBucket, prefix: `.skycrate-doctor/${name}/`, own: false } : undefined
  }
  const bucket = `skycrate-doctor-${Math.floor(now() / 1000)}-${name}`
  const made = await checks.run('create-bucket', 'Creating buckets', async () => {
    try {
      await store.createBucket(bucket)
      return good('Buckets for homes can be created.')
    } catch (error) {
      return bad(
        `A bucket can't be created: ${messageOf(error)}.`,
        'Allow s3:CreateBucket for skycrate-*, raise the limit on buckets, or set SKYCRATE_HOME_LAYOUT=shared-bucket.',
      )
    }
  })
  return made.outcome === 'good' ? { bucket, prefix: '', own: true } : undefined
}

const OWNER = { kind: 'home', userId: null, retentionDays: null } as const

/** On a scratch bucket: whether the store has each setting that new buckets get, and lets us set it. */
async function applySettings(checks: Checks, { store }: Opened, bucket: string, config: BucketsConfig): Promise<void> {
  for (const setting of settingsFor(OWNER, config)) {
    const { kind } = setting
    await checks.run(`setting-${kind}`, `Setting: ${kind}`, async () => {
      const { outcome, reason } = await store.applySetting(bucket, setting)
      if (outcome === 'applied') return good('The store has it.')
      const detail = `${outcome === 'unsupported' ? 'The store does not have it' : 'It could not be set'}: ${reason}.`
      if (outcome === 'failed') return bad(detail, 'Allow it: npm run doctor -- --iam prints the policy.')
      return PROTECTIVE.has(kind) && config.strict
        ? bad(detail, 'Use a store that has it, or set SKYCRATE_STRICT_PROVISIONING=false.')
        : warning(detail, 'Protect the buckets at the store by other means, or accept that.')
    })
  }
}

/** Looks at the library as it stands, and changes nothing. */
async function checkLibrary(
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
    const wrong: string[] = []
    for (const setting of settingsFor({ ...OWNER, kind: 'library' }, buckets)) {
      // Has a check of its own, or may be another on purpose.
      if (setting.kind === 'cors' || setting.kind === 'lifecycle') continue
      const seen = await store.inspectSetting(bucket, setting)
      if (seen.outcome === 'read' && seen.state !== 'as-wanted') wrong.push(aimOf(setting.kind))
    }
    return wrong.length === 0
      ? good('They are as SkyCrate sets them.')
      : warning(`${bucket} is not ${wrong.join(', ')}.`, 'Open the bucket on the Buckets page, and apply its settings.')
  })
  await checkCors(checks, 'library-cors', bucket, buckets.webOrigins, async (method) => {
    const { presigner } = await signer.signingFor(bucket)
    return presigner.presign({ method, bucket, key: 'a.txt', expiresIn: URL_SECONDS, now: now() })
  })
}

const aimOf = (kind: string): string =>
  (Object.keys(SETTING_OF) as Aim[]).find((aim) => SETTING_OF[aim] === kind)?.replaceAll('-', ' ') ?? kind

type SignUrl = (
  method: string,
  key: string,
  more?: { headers?: Record<string, string>; query?: Record<string, string> },
) => Promise<{ readonly url: string }>

async function tryMultipart({ store }: Opened, { bucket, prefix }: Scratch, url: SignUrl): Promise<Verdict> {
  const mend = 'Allow s3:PutObject, s3:AbortMultipartUpload and s3:ListMultipartUploadParts.'
  const key = `${prefix}parts.bin`
  const made = await store.createUpload(bucket, key, 'text/plain')
  if (!made.ok) return bad('The bucket is gone.', mend)
  const signed = await url('PUT', key, { query: { partNumber: '1', uploadId: made.value } })
  const part = await request(signed.url, { method: 'PUT', body: TEXT })
  if (part.status !== 200) return expect(part, 200, 'The upload of a part', mend)
  const listed = await store.listParts(bucket, key, made.value)
  if (!listed.ok || listed.value.length !== 1) return bad('The store does not list the parts of an upload.', mend)
  const done = await store.completeUpload({ bucket, key, uploadId: made.value, parts: listed.value, ifAbsent: false })
  if (!done.ok) return bad(`An upload in parts could not be completed: ${done.reason}.`, mend)
  const other = await store.createUpload(bucket, `${prefix}aborted.bin`, undefined)
  if (other.ok) await store.abortUpload(bucket, `${prefix}aborted.bin`, other.value)
  return good('Large files are uploaded in parts, and an upload can be aborted.')
}

async function tryForm({ signer }: Opened, { bucket, prefix }: Scratch, now: number): Promise<Verdict> {
  const signing = await signer.signingFor(bucket)
  const form = signing.postForm({
    bucket,
    key: `${prefix}form.txt`,
    contentLength: { min: 0, max: 1000 },
    expiresIn: URL_SECONDS,
    now,
  })
  const body = new FormData()
  for (const [name, value] of Object.entries(form.fields)) body.append(name, value)
  body.append('file', new Blob([TEXT]), 'form.txt')
  const answer = await request(form.url, { method: 'POST', body })
  if (answer.status >= 200 && answer.status < 300) return good('A form with a policy uploads.')
  return warning(
    `The store answered ${answer.status} to an upload by a form: presigned-post does not work.`,
    'Use presigned-url for uploads, or a store that has POST policies.',
  )
}

async function tryVersions(
  { store }: Opened,
  { bucket, prefix, own }: Scratch,
  send: (method: string, key: string, body?: string) => Promise<Answer>,
): Promise<Verdict> {
  if (own) {
    const { outcome, reason } = await store.applySetting(bucket, { kind: 'versioning' })
    if (outcome !== 'applied') {
      return warning(
        `The store keeps no versions: ${reason}. What is deleted or replaced is gone.`,
        'Use a store with versioning, and allow s3:PutBucketVersioning.',
      )
    }
  } else if (!(await store.keepsVersions(bucket))) {
    return warning(
      `${bucket} keeps no versions: what is deleted or replaced is gone.`,
      'Open the bucket on the Buckets page, and apply its settings.',
    )
  }
  const key = `${prefix}versions.txt`
  await send('PUT', key, 'one')
  await send('PUT', key, 'two')
  const page = await store.listVersions(bucket, key, undefined, 10)
  return page.ok && page.value.versions.length === 2
    ? good('A replaced file can be brought back.')
    : bad('The store says that it keeps versions, but a replaced one is gone.', 'Use a store whose versioning works.')
}

/** Credentials for the scratch prefix: they must reach into it, and nowhere else. */
async function tryCredentials(
  { issuer }: Opened,
  { bucket, prefix }: Scratch,
  target: StoreTarget,
  { now }: StoreCheckOptions,
): Promise<Verdict> {
  const inside = `${prefix}inside/`
  const compiled = compileSessionPolicy([
    {
      store: DEFAULT_STORE,
      bucket,
      prefix: inside,
      actions: ACTION_BIT.read | ACTION_BIT.write,
      expiresAt: Number.POSITIVE_INFINITY,
    },
  ])
  if (compiled.outcome !== 'compiled') return skipped('The scratch prefix is too long for a session policy.')
  let issued
  try {
    issued = await issuer.issue({
      policy: compiled.policy,
      sessionName: 'skycrate-doctor',
      durationSeconds: SESSION_SECONDS,
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'credentials-unsupported') {
      return warning(
        `${error.detail ?? 'The store issues none.'} AWS CLI, SDKs and rclone can't be used with a sign-in.`,
        'Set S3_ROLE_ARN to a role that SkyCrate may assume, or accept that.',
      )
    }
    return bad(
      `The role can't be assumed: ${messageOf(error)}.`,
      'Let the role trust SkyCrate’s own role, and allow sts:AssumeRole on it.',
    )
  }
  const place = issuer.placeOf(bucket)
  const presigner = createPresigner({ ...place, addressing: target.addressing, credentials: issued })
  const put = (key: string) => {
    const { url } = presigner.presign({ method: 'PUT', bucket, key, expiresIn: URL_SECONDS, now: now() })
    return request(url, { method: 'PUT', body: TEXT })
  }
  const allowed = await put(`${inside}a.txt`)
  if (allowed.status !== 200) {
    return expect(allowed, 200, 'An upload with temporary credentials', 'Allow the role s3:PutObject on the bucket.')
  }
  const outside = `${prefix}outside.txt`
  const refusal = await put(outside)
  if (refusal.status === 403) return good('Temporary credentials reach into their prefix, and nowhere else.')
  return bad(
    `The store answered ${refusal.status} to an upload outside the prefix: it does not hold credentials to their policy.`,
    'Unset S3_ROLE_ARN: with this store, temporary credentials would give away everything.',
  )
}
