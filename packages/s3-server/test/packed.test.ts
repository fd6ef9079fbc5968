import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { packS3Server } from '../../../scripts/pack-s3-server.ts'
import { findNodes } from './find-nodes.ts'
import { CREDENTIALS, makeClient } from './running-server.ts'
import { waitForAddress } from './wait-for-address.ts'

const MODULES = resolve(import.meta.dirname, '../../../node_modules')

interface Packed {
  readonly dependencies: Readonly<Record<string, string>>
  readonly bundleDependencies: readonly string[]
  readonly optionalDependencies: Readonly<Record<string, string>>
}

test('the packed server runs in an empty folder, from built JavaScript and its dependencies alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 's3-packed-'))
  try {
    const tarball = packS3Server(folder)
    // As npm would lay it out, with what is installed here instead of what the registry has.
    const home = join(folder, 'app/node_modules/@skycrate/s3-server')
    await mkdir(home, { recursive: true })
    const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
    assert.doesNotMatch(files, /\.test\./)
    execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', home])
    const packed = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as Packed
    const installed = [...Object.keys(packed.dependencies), ...Object.keys(packed.optionalDependencies)].filter(
      (name) => !packed.bundleDependencies.includes(name),
    )
    assert.ok(!installed.some((name) => name.startsWith('@skycrate/')), 'what no registry has is inside')
    for (const name of installed) {
      const link = join(folder, 'app/node_modules', name)
      await mkdir(dirname(link), { recursive: true })
      await symlink(join(MODULES, name), link)
    }
    for (const node of findNodes()) {
      const launcher = join(home, 'bin/skycrate-s3.mjs')
      const dataDir = await mkdtemp(join(folder, 'data-'))
      const child = spawn(node, [launcher, '--data', dataDir, '--port', '0'], {
        cwd: join(folder, 'app'),
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          PATH: process.env.PATH,
          S3_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
          S3_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        },
      })
      const closed = once(child, 'close')
      try {
        const url = await waitForAddress(child)
        const client = makeClient(url)
        const place = { Bucket: 'packed', Key: 'a' }
        await client.send(new CreateBucketCommand({ Bucket: 'packed' }))
        // Large enough for a blob of its own.
        const Body = Buffer.alloc(3 * 1024 ** 2, 'x')
        await client.send(new PutObjectCommand({ ...place, Body, ServerSideEncryption: 'AES256' }))
        const bytes = await (await client.send(new GetObjectCommand(place))).Body?.transformToByteArray()
        assert.ok(Body.equals(bytes ?? new Uint8Array()))
        client.destroy()
      } finally {
        child.kill('SIGTERM')
      }
      assert.deepEqual(await closed, [0, null])
      const checked = execFileSync(node, [launcher, 'check', '--data', dataDir, '--deep'], { encoding: 'utf8' })
      assert.match(checked, /; 0 damages\n$/)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
