// node scripts/pack-s3-server.ts [FOLDER]: the S3 server as an npm package of built JavaScript, packed into FOLDER
// (packages/s3-server/dist). It runs alone wherever Node 20 or later and npm are: Node 26 comes with its dependencies.
import { execFileSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly bin?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

const root = resolve(import.meta.dirname, '..')
const server = join(root, 'packages/s3-server')

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
const writeManifest = (folder: string, manifest: object): void => {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}

const EXPORTS = { './*': { types: './src/*.d.ts', default: './src/*.js' } }

/** Folders of what the server is made of besides itself: published nowhere, so they go inside, as bundled dependencies. */
const PARTS = ['aws-wire', 'core', 'issuer-keys']

/**
 * Builds and packs.
 *
 * @param out a folder; what is in its `package` is replaced
 * @returns the tarball's path
 */
export const packS3Server = (out: string): string => {
  const built = join(out, 'build')
  const folder = join(out, 'package')
  for (const each of [built, folder]) rmSync(each, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const options = { cwd: root, stdio: 'inherit' } as const
  execFileSync(process.execPath, [tsc, '-p', join(server, 'tsconfig.build.json'), '--outDir', built], options)

  const parts: Manifest[] = []
  for (const part of PARTS) {
    const manifest = readManifest(join(root, 'packages', part))
    const { name, version, license } = manifest
    const home = join(folder, 'node_modules', name)
    cpSync(join(built, part, 'src'), join(home, 'src'), { recursive: true })
    cpSync(join(root, 'LICENSE'), join(home, 'LICENSE'))
    writeManifest(home, { name, version, license, type: 'module', exports: EXPORTS })
    parts.push(manifest)
  }
  cpSync(join(built, 's3-server/src'), join(folder, 'src'), { recursive: true })
  for (const file of globSync('**/*.sql', { cwd: join(server, 'src') })) {
    cpSync(join(server, 'src', file), join(folder, 'src', file))
  }
  cpSync(join(server, 'bin'), join(folder, 'bin'), { recursive: true })
  for (const file of ['README.md', 'CHANGELOG.md', 'docs']) {
    cpSync(join(server, file), join(folder, file), { recursive: true })
  }
  cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))

  const { name, version, description, license, bin, dependencies = {} } = readManifest(server)
  const { optionalDependencies } = readManifest(root)
  writeManifest(folder, {
    name,
    version,
    description,
    license,
    type: 'module',
    bin,
    exports: EXPORTS,
    // What the parts need is installed beside the server: nothing but the parts themselves is bundled.
    dependencies: Object.assign({}, dependencies, ...parts.map((part) => part.dependencies)) as object,
    bundleDependencies: parts.map((part) => part.name),
    optionalDependencies,
    engines: { node: '>=20' },
  })
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const packed = execFileSync(npm, ['pack', '--json', '--loglevel=error', '--pack-destination', out], {
    cwd: folder,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  })
  const described = JSON.parse(packed) as Record<string, { filename: string }> | readonly { filename: string }[]
  const [{ filename } = { filename: '' }] = Object.values(described)
  return join(out, filename)
}

if (import.meta.main) {
  const out = resolve(process.argv[2] ?? join(server, 'dist'))
  mkdirSync(out, { recursive: true })
  process.stdout.write(`${packS3Server(out)}\n`)
}
