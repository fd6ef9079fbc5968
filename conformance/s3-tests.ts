// node conformance/s3-tests.ts CHECKOUT [--boto FOLDER] [--write] [-- PYTEST ARGUMENTS]
// Runs ceph/s3-tests, from a checkout of it, against SkyCrate's store alone, and prints what passed, failed and lies out
// of scope; --write puts that into packages/s3-server/docs/s3-conformance.md.
// It needs Debian's python3-boto3 python3-pytest python3-munch python3-isodate python3-tz python3-requests python3-yaml;
// --boto names a folder with newer boto3, botocore and s3transfer than these. With Debian's faketime the tests whose days
// pass are run as well.
import { execFile, spawn } from 'node:child_process'
import { existsSync, globSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import { type S3Server, startS3Server } from './engines/s3-server.ts'
import { type Case, describeCases } from './s3-tests/describe.ts'
import { BY_DAYS, LISTS_AS_POLICIES, NOT_RUN } from './s3-tests/scope.ts'

const PYTHON = '/usr/bin/python3'
const DOCUMENT = fileURLToPath(new URL('../packages/s3-server/docs/s3-conformance.md', import.meta.url))
const PLUGINS = fileURLToPath(new URL('s3-tests', import.meta.url))
const FILES = ['s3tests/functional/test_s3.py', 's3tests/functional/test_headers.py']
const KEYS = ['testkey-1', 'testkey-2']

const decodeXml = (text: string): string =>
  text
    .replaceAll('&#10;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')

/** The cases of a JUnit report; a case that failed and whose cleaning up failed too is one failure. */
function readReport(xml: string): Case[] {
  const cases = new Map<string, Case>()
  for (const [, attributes = '', inner = ''] of xml.matchAll(/<testcase ([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs)) {
    const name = /\bname="([^"]*)"/.exec(attributes)?.[1] ?? ''
    const [, skipped] = /<skipped[^>]* message="([^"]*)"/.exec(inner) ?? []
    if (skipped !== undefined) {
      cases.set(name, { name, message: '', skipped: decodeXml(skipped) })
      continue
    }
    const failed = /<(?:failure|error)(?: message="([^"]*)")?/.exec(inner)
    const message = failed === null ? '' : decodeXml(failed[1] ?? 'failed')
    if (cases.get(name)?.message) continue
    cases.set(name, { name, message })
  }
  return [...cases.values()]
}

function configuration(store: S3Server, classes: string): string {
  const keys = `access_key = ${store.accessKeyId}\nsecret_key = ${store.secretAccessKey}\n`
  const person = (name: string): string => `display_name = ${name}\nuser_id = ${name}\nemail = ${name}@example.org\n`
  const [first, second] = KEYS
  const main = `${person('main')}api_name =\n${keys}kms_keyid = ${first}\nkms_keyid2 = ${second}\nlc_debug_interval = 1000\nstorage_classes = ${classes}\n`
  const sections = {
    's3 main': main,
    's3 alt': `${person('alt')}${keys}`,
    's3 tenant': `${person('tenant')}tenant = tenant\n${keys}`,
    iam: `${person('iam')}${keys}`,
    'iam root': `${person('root')}${keys}`,
    'iam alt root': `${person('other')}${keys}`,
  }
  const parts = Object.entries(sections).map(([name, lines]) => `[${name}]\n${lines}`)
  return `[DEFAULT]\nhost = 127.0.0.1\nport = ${store.port}\nis_secure = False\nssl_verify = False\n
[fixtures]\nbucket prefix = skycrate-{random}-\n\n${parts.join('\n')}`
}

interface Run {
  readonly checkout: string
  readonly boto: string | undefined
  readonly dir: string
  /** Of pytest: which tests are meant. */
  readonly marks: string
  /** That objects are to be moved to. */
  readonly classes: string
  /** Of the store and of the tests. */
  readonly clock: Readonly<Record<string, string>>
  readonly more: readonly string[]
}

async function runSuite({ checkout, boto, dir, marks, classes, clock, more }: Run): Promise<Case[]> {
  await using store = await startS3Server(KEYS, clock)
  const [conf, report] = [join(dir, 's3tests.conf'), join(dir, 'report.xml')]
  await writeFile(conf, configuration(store, classes), { mode: 0o600 })
  const args = ['-m', 'pytest', '-p', 'no:cacheprovider', '-p', 'skycrate_adapter', '-q', '--tb=line']
  const child = spawn(PYTHON, [...args, `--junitxml=${report}`, '-m', marks, ...FILES, ...more], {
    cwd: checkout,
    env: {
      PATH: '/usr/bin:/bin',
      LC_ALL: 'C.UTF-8',
      PYTHONPATH: [PLUGINS, ...(boto === undefined ? [] : [boto])].join(':'),
      PYTHONDONTWRITEBYTECODE: '1',
      S3TEST_CONF: conf,
      SKYCRATE_S3_LISTS: LISTS_AS_POLICIES.join(' '),
      AWS_EC2_METADATA_DISABLED: 'true',
      ...clock,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  await new Promise<void>((done, failed) => {
    child.once('error', failed)
    // 1: some tests failed, which is what is to be told; 5: none was meant.
    child.once('exit', (code) =>
      code === 0 || code === 1 || code === 5 ? done() : failed(new Error(`pytest ended with ${code}`)),
    )
  })
  return readReport(await readFile(report, 'utf8'))
}

/** How processes are told of a clock that the tests move; undefined without Debian's faketime. */
async function movableClock(dir: string): Promise<Record<string, string> | undefined> {
  const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1')
  if (library === undefined) return undefined
  const file = join(dir, 'clock')
  await writeFile(file, '+0d\n')
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_CACHE_DURATION: '1',
    SKYCRATE_S3_CLOCK: file,
  }
}

/** The commit of a checkout, or nothing for a folder that is none. */
async function commitOf(folder: string): Promise<string | undefined> {
  if (!existsSync(join(folder, '.git'))) return undefined
  const { stdout } = await promisify(execFile)('git', ['-C', folder, 'rev-parse', '--short=12', 'HEAD'])
  return stdout.trim()
}

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean' }, boto: { type: 'string' } },
  allowPositionals: true,
})
const [place, ...more] = positionals
if (place === undefined) throw new Error('which checkout of ceph/s3-tests? node conformance/s3-tests.ts CHECKOUT')
const checkout = resolve(place)
const boto = values.boto === undefined ? undefined : resolve(values.boto)
const dir = await mkdtemp(join(tmpdir(), 'skycrate-s3-tests-'))
try {
  const notRun = Object.keys(NOT_RUN).map((mark) => `not ${mark}`)
  const byDays = BY_DAYS.join(' or ')
  const marks = [...notRun, `not (${byDays})`].join(' and ')
  const cases = await runSuite({ checkout, boto, dir, marks, classes: '', clock: {}, more })
  const clock = await movableClock(dir)
  if (clock !== undefined) {
    const days = [...notRun, `(${byDays})`].join(' and ')
    cases.push(...(await runSuite({ checkout, boto, dir, marks: days, classes: 'GLACIER, DEEP_ARCHIVE', clock, more })))
  }
  const text = describeCases(cases, { commit: await commitOf(checkout), ranByDays: clock !== undefined })
  if (values.write) await writeFile(DOCUMENT, text)
  else process.stdout.write(text)
} finally {
  await rm(dir, { recursive: true, force: true })
}
