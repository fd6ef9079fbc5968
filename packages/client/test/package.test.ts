import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { glob, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'
import { packClient } from '../../../scripts/pack-client.ts'

// The client as apps install it: packed, unpacked into an empty folder, imported, type-checked and bundled.

const MODULES = resolve(import.meta.dirname, '../../../node_modules')
/** Bytes, compressed, of what every app loads. */
const CORE_LIMIT = 15_000

let folder: string
let tarball: string
let app: string
let entries: string[]

const run = (program: string, ...args: string[]): string =>
  execFileSync(process.execPath, [join(MODULES, program), ...args], { cwd: app, encoding: 'utf8' })

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-packed-'))
  tarball = packClient(folder)
  app = join(folder, 'app')
  const home = join(app, 'node_modules/@skycrate/client')
  await mkdir(home, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', home])
  const { exports, dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    exports: Record<string, unknown>
    dependencies: Record<string, string>
  }
  for (const name of Object.keys(dependencies)) await symlink(join(MODULES, name), join(app, 'node_modules', name))
  entries = Object.keys(exports).filter((entry) => entry !== './package.json')
  await writeFile(join(app, 'package.json'), '{"type":"module"}')
})
after(() => rm(folder, { recursive: true, force: true }))

test('publint and arethetypeswrong find nothing, and the tarball holds what apps need and no more', () => {
  run('publint/src/cli.js', 'run', tarball, '--strict')
  run('@arethetypeswrong/cli/dist/index.js', tarball, '--profile', 'esm-only', '--quiet')
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).split('\n')
  assert.ok(!files.some((file) => /\.test\.|(?<!\.d)\.ts$/.test(file)), files.join('\n'))
  assert.ok(files.includes('package/LICENSE') && files.includes('package/README.md'))
})

test('what the guides import is in the package', async () => {
  const docs = resolve(import.meta.dirname, '../../../docs/guides')
  const named = new Set<string>()
  for await (const name of glob('*.md', { cwd: docs })) {
    const found = readFileSync(join(docs, name), 'utf8').matchAll(/from '@skycrate\/client(.*?)'/g)
    for (const [, entry] of found) named.add(`.${entry}`)
  }
  assert.ok(named.has('./client') && named.has('./amplify'))
  assert.deepEqual(
    [...named].filter((entry) => !entries.includes(entry)),
    [],
  )
})

test('every entry is imported under Node, and a client made of it does its work', async () => {
  const script = `
    for (const entry of ${JSON.stringify(entries)}) await import('@skycrate/client' + entry.slice(1))
    const { createClient } = await import('@skycrate/client/client')
    const { createStorage } = await import('@skycrate/client/storage/storage')
    const asked = []
    const fetch = async (url, init) => {
      asked.push([init.method, url])
      return Response.json({ url: 'https://s3.example.com/x', method: 'GET', headers: {}, expiresAt: '2030-01-01T00:00:00Z' })
    }
    const client = createClient({ baseUrl: 'https://files.example.com', fetch })
    const { url } = await createStorage(client, { bucket: 'library' }).url('a.txt', { level: 'public' })
    console.log(JSON.stringify([url, asked]))`
  await writeFile(join(app, 'main.js'), script)
  assert.deepEqual(JSON.parse(execFileSync(process.execPath, ['main.js'], { cwd: app, encoding: 'utf8' })), [
    'https://s3.example.com/x',
    [['POST', 'https://files.example.com/api/v1/s3/presigned-url']],
  ])
})

test("an app's types are checked against the package's, and mistakes are found", async () => {
  const source = (mistake: string): string => `
    import { createClient } from '@skycrate/client/client'
    import { createStorage } from '@skycrate/client/storage/storage'
    import { startUpload, type UploadCheckpoint } from '@skycrate/client/transfers/upload-task'
    import { createUppySignRequest } from '@skycrate/client/adapters/uppy/uppy-s3'
    const client = createClient({ baseUrl: 'https://files.example.com' })
    const storage = createStorage(client, { bucket: 'library' })
    const size: number = (await client.request('listObjects', { params: { bucket: 'b' }, query: { limit: 1 } })).objects[0]!.size
    let kept: UploadCheckpoint | undefined
    const task = startUpload(client, new Blob(['x']), { bucket: 'b', key: 'k', onCheckpoint: (each) => (kept = each) })
    task.pause()
    for await (const { path } of storage.list('', { level: 'private' })) path.toUpperCase()
    export const signRequest = createUppySignRequest(client, { bucket: 'b' })
    export { size, kept }
    ${mistake}`
  await writeFile(
    join(app, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        target: 'es2023',
        module: 'nodenext',
        lib: ['es2023', 'dom', 'dom.iterable', 'esnext.disposable'],
        types: [],
        noEmit: true,
        skipLibCheck: false,
        exactOptionalPropertyTypes: true,
      },
      files: ['app.ts'],
    }),
  )
  await writeFile(join(app, 'app.ts'), source(''))
  run('typescript/bin/tsc', '-p', '.')
  await writeFile(join(app, 'app.ts'), source(`await storage.put('a', 'b', { level: 'secret' })`))
  assert.throws(() => run('typescript/bin/tsc', '-p', '.'), /status: 2|Command failed/)
})

test(`the core has less than ${CORE_LIMIT / 1000} kB compressed`, async (t) => {
  const sizeOf = async (code: string): Promise<number> => {
    const input = join(app, 'bundled.js')
    await writeFile(input, code)
    await using bundle = await rolldown({ input, cwd: app, logLevel: 'silent' })
    const { output } = await bundle.generate({ minify: true, format: 'esm' })
    assert.equal(output.length, 1)
    return gzipSync(output[0].code).length
  }
  const core = await sizeOf(`export { createClient } from '@skycrate/client/client'`)
  const all = await sizeOf(
    ['client', 'storage/storage', 'transfers/upload-task']
      .map((entry) => `export * from '@skycrate/client/${entry}'`)
      .join('\n'),
  )
  t.diagnostic(`createClient ${core} B; with storage and uploads in parts ${all} B`)
  assert.ok(core > 1000 && all < CORE_LIMIT, `${core} B and ${all} B`)
})
