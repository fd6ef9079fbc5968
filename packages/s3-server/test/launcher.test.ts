import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { findNodes, findOldNode } from './find-nodes.ts'
import { CREDENTIALS, makeClient } from './running-server.ts'
import { waitForAddress } from './wait-for-address.ts'

const ROOT = resolve(import.meta.dirname, '../../..')
const LAUNCHER = resolve(import.meta.dirname, '../bin/skycrate-s3.mjs')

const oldNode = findOldNode()

const makeFolder = async (): Promise<AsyncDisposable & { path: string }> => {
  const path = await mkdtemp(join(tmpdir(), 's3-launcher-'))
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}

interface Launched extends AsyncDisposable {
  readonly child: ChildProcess
  readonly url: string
  readonly closed: Promise<unknown[]>
}

/** Rejects with what it wrote when it ends instead. */
const launch = async (node: string, dataDir: string): Promise<Launched> => {
  const child = spawn(node, [LAUNCHER, '--data', dataDir, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
  })
  // Its output ends with the last process that holds it: the server, not the launcher.
  const closed = once(child, 'close')
  const url = await waitForAddress(child)
  return {
    child,
    url,
    closed,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await closed
    },
  }
}

for (const node of findNodes()) {
  const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()

  test(`skycrate-s3 serves under Node ${version} and stops as it is told, also when it is told twice`, async () => {
    await using data = await makeFolder()
    await using launched = await launch(node, data.path)
    const client = makeClient(launched.url)
    await client.send(new CreateBucketCommand({ Bucket: 'kept' }))
    const half = Buffer.alloc(1024 ** 2)
    const body = async function* (): AsyncGenerator<Buffer> {
      yield half
      while ((await readdir(join(data.path, 'tmp'))).length === 0) await setTimeout(10)
      launched.child.kill('SIGINT')
      await setTimeout(100)
      launched.child.kill('SIGINT')
      await setTimeout(100)
      yield half
    }
    // The upload under way still gets its answer.
    const upload = { Bucket: 'kept', Key: 'a', Body: Readable.from(body()), ContentLength: 2 * half.length }
    await client.send(new PutObjectCommand(upload))
    client.destroy()
    assert.deepEqual(await launched.closed, [0, null])
  })

  test(`a server whose launcher is killed under Node ${version} leaves its directory to the next`, async () => {
    await using data = await makeFolder()
    await using first = await launch(node, data.path)
    first.child.kill('SIGKILL')
    await first.closed
    await using second = await launch(node, data.path)
    assert.equal((await fetch(second.url)).status, 403)
  })

  test(`skycrate-s3 under Node ${version} tells how it is used`, async () => {
    const child = spawn(node, [LAUNCHER, '--help'], { stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
    assert.deepEqual(await once(child, 'close'), [0, null])
    // What the README's table names is there.
    const readme = await readFile(join(ROOT, 'packages/s3-server/README.md'), 'utf8')
    const options = [...readme.matchAll(/^\| `(--.*)` \|.*\|.*\|$/gm)].flatMap(
      ([, names = '']) => names.match(/--[a-z-]+/g) ?? [],
    )
    assert.ok(options.length > 10)
    assert.deepEqual(
      options.filter((name) => !output.includes(name)),
      [],
    )
  })

  test(`skycrate-s3 under Node ${version} ends with the exit code of the verb`, async () => {
    await using data = await makeFolder()
    const child = spawn(node, [LAUNCHER, 'check', '--data', join(data.path, 'none')], { stdio: 'ignore' })
    assert.deepEqual(await once(child, 'close'), [1, null])
  })
}

if (oldNode !== undefined) {
  test('an old Node without the one from npm is told what is needed', async () => {
    await using folder = await makeFolder()
    await mkdir(join(folder.path, 'src'))
    await cp(resolve(LAUNCHER, '..'), join(folder.path, 'bin'), { recursive: true })
    const child = spawn(oldNode, [join(folder.path, 'bin/skycrate-s3.mjs')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let errors = ''
    child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()))
    assert.deepEqual(await once(child, 'close'), [1, null])
    assert.match(errors, /^skycrate-s3 needs Node\.js 26 or later; this is v\d+\.\d+\.\d+, and no package/)
  })
}

test('npx finds skycrate-s3 at the root of a checkout, installed or not', async () => {
  const manifests = await Promise.all(
    ['package.json', 'packages/s3-server/package.json'].map(
      async (path) => JSON.parse(await readFile(join(ROOT, path), 'utf8')) as { bin: Record<string, string> },
    ),
  )
  assert.deepEqual(
    manifests.map(({ bin }, at) => resolve(ROOT, at === 0 ? '' : 'packages/s3-server', bin['skycrate-s3'] ?? '')),
    [LAUNCHER, LAUNCHER],
  )
})
