// node scripts/pack-client.ts [FOLDER]: the client as an npm package of built JavaScript with types, packed into FOLDER
// (packages/client/dist). What it needs of the contract goes inside.
import { type ExecFileSyncOptions, execFileSync } from 'node:child_process'
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const root = resolve(import.meta.dirname, '..')
const client = join(root, 'packages/client')

/** What apps import, below `src`: the same names as in this repository. */
const ENTRIES = [
  'client',
  'skycrate-error',
  'sessions/token-store',
  'storage/storage',
  'transfers/upload-task',
  'adapters/amplify/amplify-auth',
  'adapters/storage-browser/storage-browser-config',
  'adapters/uppy/uppy-s3',
  'amplify',
]

/** `import … from '…'`, `export … from '…'`, `import('…')` */
const IMPORT = /(\bfrom |\bimport\()(['"])([^'"]+)\2/g

interface Manifest {
  readonly name: string
  readonly version: string
  readonly description: string
  readonly license: string
  readonly dependencies: Readonly<Record<string, string>>
}

const readManifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest

/** Where an import of a built file leads: a file of the build, or undefined for another package. */
function target(build: string, file: string, name: string): string | undefined {
  // Declarations name the sources.
  if (name.startsWith('.')) return join(dirname(file), name.replace(/\.ts$/, '.js'))
  const [, part, path] = /^@skycrate\/(\w+)\/(.+)$/.exec(name) ?? []
  return part === undefined ? undefined : join(build, part, 'src', `${path}.js`)
}

/**
 * Builds and packs.
 *
 * @param out a folder; what is in its `build` and `package` is replaced
 * @returns the tarball's path
 */
export function packClient(out: string): string {
  const [build, folder] = [join(out, 'build'), join(out, 'package')]
  for (const each of [build, folder]) rmSync(each, { recursive: true, force: true })
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const options: ExecFileSyncOptions = { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }
  execFileSync(process.execPath, [tsc, '-p', join(client, 'tsconfig.build.json'), '--outDir', build], options)

  const placeOf = (file: string): string => {
    const [part = '', ...rest] = relative(build, file).split(/[\\/]src[\\/]/)
    return join(folder, 'dist', part === 'client' ? '' : `_${part}`, ...rest)
  }
  const copied = new Set<string>()
  /** A file, and all that it leads to. */
  const copy = (file: string): void => {
    if (copied.has(file)) return
    copied.add(file)
    const place = placeOf(file)
    const text = readFileSync(file, 'utf8').replaceAll(IMPORT, (whole, before: string, quote: string, name: string) => {
      const found = target(build, file, name)
      if (found === undefined) return whole
      const isTypes = file.endsWith('.d.ts')
      copy(isTypes ? found.replace(/\.js$/, '.d.ts') : found)
      const path = relative(dirname(place), placeOf(found)).replaceAll('\\', '/')
      return `${before}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`
    })
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, text)
  }
  for (const entry of ENTRIES) {
    for (const kind of ['js', 'd.ts']) copy(join(build, 'client/src', `${entry}.${kind}`))
  }

  const { name, version, description, license, dependencies } = readManifest(join(client, 'package.json'))
  const exports = Object.fromEntries(
    ENTRIES.map((entry) => [`./${entry}`, { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` }]),
  )
  const manifest = {
    name,
    version,
    description,
    license,
    type: 'module',
    sideEffects: false,
    exports: { ...exports, './package.json': './package.json' },
    files: ['dist'],
    // Of the types alone.
    dependencies: { typebox: dependencies['typebox'] },
    engines: { node: '>=20' },
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  copyFileSync(join(root, 'LICENSE'), join(folder, 'LICENSE'))
  copyFileSync(join(client, 'README.md'), join(folder, 'README.md'))
  rmSync(build, { recursive: true })

  for (const old of globSync('*.tgz', { cwd: out })) rmSync(join(out, old))
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
  const out = resolve(process.argv[2] ?? join(client, 'dist'))
  mkdirSync(out, { recursive: true })
  process.stdout.write(`${packClient(out)}\n`)
}
