// node scripts/pack-lambda.ts [FOLDER]: what AWS Lambda runs, in one folder (artifacts/lambda): the functions as bundles, V8's compile
// cache of them, the web app, and the few packages that cannot be bundled. The compile cache is of use where Lambda's Node has this version and processor; elsewhere Node ignores it.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'
import { buildWeb } from './build-web.ts'

const root = resolve(import.meta.dirname, '..')
const lambda = join(root, 'apps/server/src/lambda')
const FUNCTIONS = ['api', 'jobs', 'behind-cloudfront']

/** What the code reads beside itself, at run time. */
const FILES = [
  'apps/server/src/db/migrations',
  'apps/web/dist',
  'docs/errors',
  'packages/contract/package.json',
  'node_modules/@fastify/swagger-ui/static',
]

/** Native, or so large that they are read only when they are needed. */
const PACKAGES = ['@node-rs/argon2', 'sharp', '@zxcvbn-ts/language-common']

/** The bundle's own folder, in each of its files. */
const BUNDLE = '__bundle'

/**
 * @param out a folder; what is in it is replaced
 * @param node runs the functions later, and compiles them now
 */
export async function packLambda(out: string, node = process.execPath): Promise<void> {
  rmSync(out, { recursive: true, force: true })
  mkdirSync(out, { recursive: true })
  await using bundle = await rolldown({
    cwd: root,
    input: Object.fromEntries(FUNCTIONS.map((name) => [name, join(lambda, `${name}.ts`)])),
    platform: 'node',
    external: [...PACKAGES, 'pg-native'],
    logLevel: 'silent',
    plugins: [
      { name: 'places', transform: (code, id) => (id.includes('\0') ? null : withPlaces(code, relative(root, id))) },
    ],
  })
  await bundle.write({
    dir: out,
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name].mjs',
    minify: true,
    banner: `const ${BUNDLE} = import.meta.dirname;`,
  })
  for (const file of FILES.filter((each) => existsSync(join(root, each)))) copy(file, out)
  for (const name of PACKAGES) copyPackage(name, out)
  const files = FUNCTIONS.map((name) => pathToFileURL(join(out, `${name}.mjs`)).href)
  const importAll = `await Promise.all(${JSON.stringify(files)}.map((file) => import(file))); process.exit()`
  execFileSync(node, ['--input-type=module', '-e', importAll], {
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: join(out, 'cache'), NODE_COMPILE_CACHE_PORTABLE: '1' },
  })
}

/** Each module finds its files where they are in the repository, below the folder of the bundle. */
function withPlaces(code: string, place: string): string | null {
  if (!/import\.meta\.(url|dirname)|__(dirname|filename)/.test(code)) return null
  const path = (part: string): string => `(${BUNDLE} + ${JSON.stringify(`/${part}`)})`
  return code
    .replaceAll(/\bimport\.meta\.url\b/g, `('file://' + ${path(place)})`)
    .replaceAll(/\b(import\.meta\.dirname|__dirname)\b/g, path(dirname(place)))
    .replaceAll(/\b__filename\b/g, path(place))
}

function copy(file: string, out: string): void {
  mkdirSync(dirname(join(out, file)), { recursive: true })
  cpSync(join(root, file), join(out, file), { recursive: true, dereference: true })
}

/** A package with all that it needs and that is installed here. */
function copyPackage(name: string, out: string): void {
  const folder = `node_modules/${name}`
  if (!existsSync(join(root, folder)) || existsSync(join(out, folder))) return
  copy(folder, out)
  const { dependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  ) as {
    dependencies?: Record<string, string>
    optionalDependencies?: Record<string, string>
  }
  for (const each of Object.keys({ ...dependencies, ...optionalDependencies })) copyPackage(each, out)
}

if (import.meta.main) {
  const out = resolve(process.argv[2] ?? join(root, 'artifacts/lambda'))
  buildWeb()
  await packLambda(out)
  process.stdout.write(`Packed into ${relative(process.cwd(), out)}\n`)
}
