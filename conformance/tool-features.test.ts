import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { type S3Server, startS3Server } from './engines/s3-server.ts'
import { request } from './http.ts'
import { rcloneRemote, UNMODIFIED_TOOLS } from './unmodified-tools.ts'

// What people do with unmodified tools beside putting and getting: folders kept in step, uploads in parts, versions, tags,
// links for others.

const BUCKET = 'features'

interface Setting {
  readonly store: S3Server
  readonly dir: string
}

type Tool = keyof typeof UNMODIFIED_TOOLS

const check = (name: string, tool: Tool, steps: (setting: Setting) => Promise<void>): void => {
  const { isInstalled, package: debian } = UNMODIFIED_TOOLS[tool]
  const skip = isInstalled() ? false : `unmodified S3 tools: apt-get install ${debian}`
  test(`${tool} ${name}`, { skip }, async () => {
    const dir = await mkdtemp(join(tmpdir(), 'skycrate-features-'))
    try {
      await using store = await startS3Server()
      await steps({ store, dir })
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
}

/** A folder of small files, an empty one, and one that goes in parts. */
async function makeFolder(folder: string): Promise<void> {
  const files: [name: string, bytes: number][] = [
    ['a.txt', 10],
    ['deep/er/b &+%.txt', 20],
    ['deep/c.bin', 0],
    ['parts.bin', 17 * 1024 ** 2 + 3],
  ]
  for (const [name, bytes] of files) {
    const path = join(folder, name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, randomBytes(bytes))
  }
}

async function contentsOf(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const contents = new Map<string, string>()
  for (const entry of entries) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    contents.set(path.slice(folder.length), (await readFile(path)).toString('base64'))
  }
  return new Map([...contents].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Changes a file, adds one and removes one, so that a second run has something of everything to do. */
async function changeFolder(folder: string): Promise<void> {
  await writeFile(join(folder, 'a.txt'), randomBytes(33))
  await writeFile(join(folder, 'new.txt'), randomBytes(5))
  await rm(join(folder, 'deep/c.bin'))
}

/** Up, changed, up again, and down into another folder: then both are the same. */
async function keepInStep(
  { dir }: Setting,
  up: (folder: string) => Promise<unknown>,
  down: (folder: string) => Promise<unknown>,
): Promise<void> {
  const [here, there] = [join(dir, 'here'), join(dir, 'there')]
  await makeFolder(here)
  await mkdir(there)
  await up(here)
  await down(there)
  assert.deepEqual(await contentsOf(there), await contentsOf(here))
  await changeFolder(here)
  await up(here)
  await down(there)
  assert.deepEqual(await contentsOf(there), await contentsOf(here))
}

check('keeps folders in step, with parts and deletions', 'awscli', async (setting) => {
  const aws = (...args: string[]): Promise<string> =>
    UNMODIFIED_TOOLS.awscli.run(setting.store, setting.dir, 's3', ...args)
  await aws('mb', `s3://${BUCKET}`)
  await keepInStep(
    setting,
    (folder) => aws('sync', '--delete', '--no-progress', folder, `s3://${BUCKET}/x`),
    (folder) => aws('sync', '--delete', '--no-progress', '--exact-timestamps', `s3://${BUCKET}/x`, folder),
  )
  await aws('mv', '--recursive', `s3://${BUCKET}/x`, `s3://${BUCKET}/y z`)
  assert.doesNotMatch(await aws('ls', '--recursive', `s3://${BUCKET}`), / x\//)
  await aws('rb', '--force', `s3://${BUCKET}`)
})

check('has versions, tags, archives and links', 'awscli', async ({ store, dir }) => {
  const api = async <T = Record<string, unknown>>(operation: string, ...args: string[]): Promise<T> => {
    const place = ['--bucket', BUCKET, ...args, '--output', 'json']
    const text = await UNMODIFIED_TOOLS.awscli.run(store, dir, 's3api', operation, ...place)
    return (text === '' ? {} : JSON.parse(text)) as T
  }
  const key = ['--key', 'k']
  await api('create-bucket')
  await api('put-bucket-versioning', '--versioning-configuration', 'Status=Enabled')
  const file = join(dir, 'body')
  const versions: string[] = []
  for (const text of ['one', 'two']) {
    await writeFile(file, text)
    const put = await api<{ VersionId: string }>('put-object', ...key, '--body', file, '--tagging', `at=${text}`)
    versions.push(put.VersionId)
  }
  await api('delete-object', ...key)
  const listed = await api<{ Versions: object[]; DeleteMarkers: object[] }>('list-object-versions')
  assert.deepEqual([listed.Versions.length, listed.DeleteMarkers.length], [2, 1])
  const [first = ''] = versions
  await api('get-object', ...key, '--version-id', first, file)
  assert.equal(await readFile(file, 'utf8'), 'one')
  const tags = await api<{ TagSet: object[] }>('get-object-tagging', ...key, '--version-id', first)
  assert.deepEqual(tags.TagSet, [{ Key: 'at', Value: 'one' }])
  await api('copy-object', ...key, '--copy-source', `${BUCKET}/k?versionId=${first}`, '--storage-class', 'GLACIER')
  await assert.rejects(api('get-object', ...key, file), /InvalidObjectState/)
  await api('restore-object', ...key, '--restore-request', 'Days=2')
  await api('get-object', ...key, file)
  assert.equal(await readFile(file, 'utf8'), 'one')
  const link = await UNMODIFIED_TOOLS.awscli.run(store, dir, 's3', 'presign', `s3://${BUCKET}/k`)
  assert.equal((await request(link.trim())).text, 'one')
})

check('keeps folders in step, with parts and deletions', 's3cmd', async (setting) => {
  const s3cmd = (...args: string[]): Promise<string> => UNMODIFIED_TOOLS.s3cmd.run(setting.store, setting.dir, ...args)
  await s3cmd('mb', `s3://${BUCKET}`)
  const options = ['--delete-removed', '--multipart-chunk-size-mb=5']
  await keepInStep(
    setting,
    (folder) => s3cmd('sync', ...options, `${folder}/`, `s3://${BUCKET}/x/`),
    (folder) => s3cmd('sync', '--delete-removed', `s3://${BUCKET}/x/`, `${folder}/`),
  )
  await s3cmd('cp', `s3://${BUCKET}/x/a.txt`, `s3://${BUCKET}/copied`)
  await s3cmd('mv', `s3://${BUCKET}/copied`, `s3://${BUCKET}/moved`)
  await s3cmd('modify', '--add-header=x-amz-meta-note:kept', `s3://${BUCKET}/moved`)
  assert.match(await s3cmd('info', `s3://${BUCKET}/moved`), /x-amz-meta-note: kept/)
  assert.match(await s3cmd('info', `s3://${BUCKET}`), /Location: *us-east-1/)
  await s3cmd('rb', '--recursive', '--force', `s3://${BUCKET}`)
})

check('keeps folders in step, with parts, a check of all, and links', 'rclone', async (setting) => {
  const { store, dir } = setting
  const remote = rcloneRemote(store, `${BUCKET}/x`)
  const rclone = (...args: string[]): Promise<string> => UNMODIFIED_TOOLS.rclone.run(store, dir, ...args)
  const parts = ['--s3-upload-cutoff', '5M', '--s3-chunk-size', '5M']
  await keepInStep(
    setting,
    (folder) => rclone('sync', ...parts, folder, remote),
    (folder) => rclone('sync', remote, folder),
  )
  await rclone('check', '--download', join(dir, 'here'), remote)
  await rclone('moveto', `${remote}/a.txt`, `${remote}/moved.txt`)
  const link = await rclone('link', '--expire', '1h', `${remote}/moved.txt`)
  assert.ok((await request(link.trim())).body.equals(await readFile(join(dir, 'here/a.txt'))))
})

const BOTO3 = `
import json
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
bucket, file, back = sys.argv[2:]
s3.create_bucket(Bucket=bucket)
s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={'Status': 'Enabled'})
parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
s3.upload_file(file, bucket, 'k', ExtraArgs={'Metadata': {'note': 'kept'}, 'Tagging': 'a=1'}, Config=parts)
old = s3.head_object(Bucket=bucket, Key='k')
s3.put_object(Bucket=bucket, Key='k', Body=b'newer')
s3.copy({'Bucket': bucket, 'Key': 'k', 'VersionId': old['VersionId']}, bucket, 'copy', Config=parts)
s3.download_file(bucket, 'copy', back, Config=parts)
# Its default for links is Signature Version 2.
signer = boto3.client('s3', endpoint_url=sys.argv[1], config=Config(signature_version='s3v4'))
pages = s3.get_paginator('list_object_versions').paginate(Bucket=bucket, PaginationConfig={'PageSize': 1})
print(json.dumps({
  'etag': old['ETag'],
  'metadata': old['Metadata'],
  'tags': s3.get_object_tagging(Bucket=bucket, Key='k', VersionId=old['VersionId'])['TagSet'],
  'versions': [each['Key'] for page in pages for each in page.get('Versions', [])],
  'get': signer.generate_presigned_url('get_object', Params={'Bucket': bucket, 'Key': 'k'}),
  'put': signer.generate_presigned_url('put_object', Params={'Bucket': bucket, 'Key': 'linked'}),
}))
`

check('has uploads and copies in parts, versions, tags and links', 'boto3', async ({ store, dir }) => {
  const [file, back] = [join(dir, 'file'), join(dir, 'back')]
  const bytes = randomBytes(12 * 1024 ** 2 + 1)
  await writeFile(file, bytes)
  const told = JSON.parse(await UNMODIFIED_TOOLS.boto3.run(store, dir, BOTO3, BUCKET, file, back)) as {
    readonly get: string
    readonly put: string
    readonly etag: string
  }
  const { get, put, etag, ...rest } = told
  assert.match(etag, /-3"$/)
  assert.deepEqual(rest, {
    metadata: { note: 'kept' },
    tags: [{ Key: 'a', Value: '1' }],
    versions: ['copy', 'k', 'k'],
  })
  assert.ok(bytes.equals(await readFile(back)))
  assert.equal((await request(get)).text, 'newer')
  assert.equal((await request(put, { method: 'PUT', body: 'by link' })).status, 200)
  assert.equal((await request(get.replace('/k?', '/linked?'))).status, 403)
})
