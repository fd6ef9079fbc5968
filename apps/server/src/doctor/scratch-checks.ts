import { randomBytes } from 'node:crypto'
import { settingsFor } from '../buckets/bucket-aims.ts'
import type { BucketsConfig } from '../buckets/buckets-config.ts'
import { PROTECTIVE } from '../stores/bucket-setting.ts'
import { checkCors } from './cors-check.ts'
import { tryCredentials } from './credential-checks.ts'
import { bad, type Checks, good, messageOf, warning } from './finding.ts'
import type { Opened, Scratch, StoreCheckOptions } from './store-check-options.ts'
import { expect, PUBLIC, request, TEXT, URL_SECONDS } from './store-request.ts'
import { tryForm, tryMultipart, tryVersions } from './upload-checks.ts'

/** Tries each operation of SkyCrate and its clients where it may write. */
export async function tryOut(checks: Checks, opened: Opened, options: StoreCheckOptions): Promise<void> {
  const { store, signer } = opened
  const { buckets, target } = options
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

const NEW_HOME = { kind: 'home', userId: null, retentionDays: null } as const

/** On a scratch bucket: whether the store has each setting that new buckets get, and lets us set it. */
async function applySettings(checks: Checks, { store }: Opened, bucket: string, config: BucketsConfig): Promise<void> {
  for (const setting of settingsFor(NEW_HOME, config)) {
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
