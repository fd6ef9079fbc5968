import { bad, good, type Verdict, warning } from './finding.ts'
import type { Opened, Scratch } from './store-check-options.ts'
import { type Answer, expect, request, type SignUrl, TEXT, URL_SECONDS } from './store-request.ts'

export async function tryMultipart({ store }: Opened, { bucket, prefix }: Scratch, url: SignUrl): Promise<Verdict> {
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

export async function tryForm({ signer }: Opened, { bucket, prefix }: Scratch, now: number): Promise<Verdict> {
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

export async function tryVersions(
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
