// node conformance/s3-tests.ts CHECKOUT [--write] [-- PYTEST ARGUMENTS]
// Runs ceph/s3-tests, from a checkout of it, against SkyCrate's store alone, and prints what passed, failed and lies out
// of scope; --write puts that into docs/s3-conformance.md.
// It needs Debian's python3-boto3 python3-pytest python3-munch python3-isodate python3-tz python3-requests python3-yaml.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type S3Server, startS3Server } from './engines/s3-server.ts'

/** Tests that are not run, by their marker: nothing of theirs is offered here. */
const NOT_OFFERED = {
  appendobject: 'appending to objects is an extension of Ceph',
  auth_aws2: 'Signature Version 2, which S3 has retired',
  bucket_logging: 'server access logging into buckets',
  bucket_logging_cleanup: 'server access logging into buckets',
  cloud_restore: 'tiers of Ceph in other clouds',
  cloud_transition: 'tiers of Ceph in other clouds',
  iam_account: 'one account and no IAM API',
  iam_user: 'one account and no IAM API',
  lifecycle_expiration: 'days that last seconds are a setting of Ceph for tests',
  lifecycle_transition: 'days that last seconds are a setting of Ceph for tests',
  s3website: 'static websites',
} as const

/** Failures that say of themselves why they are out of scope; the first that fits counts. */
const OUT_OF_SCOPE: readonly (readonly [RegExp, string])[] = [
  [/sse_kms_no_key/, "aws:kms without a key is refused by Ceph; S3 takes the account's own"],
  [/(sse_c_other_key|sse_c_multipart_bad_download).*403 == 400/, "another customer's key: 400 on Ceph, 403 on S3"],
  [/copy_part_enc\[.*-sse-c-.*not raised/, 'completion without the customer key: S3 asks for it only with a checksum'],
  [/AccessControlList|Acl operation|canned_acl|_acl/i, 'ACLs: BucketOwnerEnforced always, so S3 refuses them too'],
  [/Got unexpected keyword|Unknown parameter|ParamValidationError|Unknown service/, "Debian's boto3 is too old for it"],
  [/post_object.*(400 == 20|400 == 403)|List of \(name,value\)/, 'forms with Signature Version 2'],
  [/nonowner|not_owned|_other_tenant|_tenant/, 'a second account; there is one'],
  [/query parameter (usage|allow-unordered)|(HeadBucket operation: Not Impl)|_unordered/, 'extensions of Ceph'],
]

const PYTHON = '/usr/bin/python3'
const DOCUMENT = fileURLToPath(new URL('../docs/s3-conformance.md', import.meta.url))

interface Case {
  readonly name: string
  /** Empty when it passed. */
  readonly message: string
}

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
    if (inner.includes('<skipped')) continue
    const failed = /<(?:failure|error)(?: message="([^"]*)")?/.exec(inner)
    const message = failed === null ? '' : decodeXml(failed[1] ?? 'failed')
    if (cases.get(name)?.message) continue
    cases.set(name, { name, message })
  }
  return [...cases.values()]
}

function configuration(store: S3Server): string {
  const keys = `access_key = ${store.accessKeyId}\nsecret_key = ${store.secretAccessKey}\n`
  const person = (name: string): string => `display_name = ${name}\nuser_id = ${name}\nemail = ${name}@example.org\n`
  const sections = {
    's3 main': `${person('main')}api_name =\n${keys}`,
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

function pytest(checkout: string, conf: string, report: string, more: readonly string[]): Promise<void> {
  const marks = Object.keys(NOT_OFFERED).map((mark) => `not ${mark}`)
  const args = ['-m', 'pytest', '-p', 'no:cacheprovider', '-q', '--tb=line', `--junitxml=${report}`]
  const files = ['s3tests/functional/test_s3.py', 's3tests/functional/test_headers.py']
  const env = { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', S3TEST_CONF: conf, AWS_EC2_METADATA_DISABLED: 'true' }
  const child = spawn(PYTHON, [...args, '-m', marks.join(' and '), ...files, ...more], {
    cwd: checkout,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  return new Promise((done, failed) => {
    child.once('error', failed)
    // 1: some tests failed, which is what is to be told.
    child.once('exit', (code) => (code === 0 || code === 1 ? done() : failed(new Error(`pytest ended with ${code}`))))
  })
}

const groupOf = (name: string): string => /^test_([a-z0-9]+_[a-z0-9]+)/.exec(name)?.[1]?.replaceAll('_', ' ') ?? name

function describe(cases: readonly Case[]): string {
  const groups = new Map<string, { passed: number; failed: number; out: number }>()
  const reasons = new Map<string, number>()
  const failures: Case[] = []
  for (const each of cases) {
    const count = groups.get(groupOf(each.name)) ?? { passed: 0, failed: 0, out: 0 }
    groups.set(groupOf(each.name), count)
    const reason = OUT_OF_SCOPE.find(([pattern]) => pattern.test(`${each.name} ${each.message}`))?.[1]
    if (each.message === '') count.passed++
    else if (reason !== undefined) {
      count.out++
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    } else {
      count.failed++
      failures.push(each)
    }
  }
  const sum = (part: 'passed' | 'failed' | 'out'): number =>
    [...groups.values()].reduce((total, count) => total + count[part], 0)
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('`', "'").slice(0, 160)
  return `# Conformance of the store with S3

What [ceph/s3-tests](https://github.com/ceph/s3-tests) finds of \`packages/s3-server\`, run alone; a checkout of it is needed:

\`\`\`sh
node conformance/s3-tests.ts ../s3-tests --write
\`\`\`

${sum('passed')} passed, ${sum('failed')} failed, ${sum('out')} ran and are out of scope.
All accounts of the suite are given the one root key, so tests that expect a second account to be refused fail here.

| group | passed | failed | out of scope |
| --- | --- | --- | --- |
${[...groups]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([group, { passed, failed, out }]) => `| ${group} | ${passed} | ${failed} | ${out} |`)
  .join('\n')}

## Out of scope

| ran, and why it does not count | tests |
| --- | --- |
${[...reasons].map(([reason, count]) => `| ${reason} | ${count} |`).join('\n')}

| not run, by marker | why |
| --- | --- |
${Object.entries(NOT_OFFERED)
  .map(([mark, reason]) => `| \`${mark}\` | ${reason} |`)
  .join('\n')}

The suites for IAM, STS with Ceph's Keycloak set-up, S3 Select and SNS topics are not run.

## Failed

| test | what it said |
| --- | --- |
${failures.map(({ name, message }) => `| \`${name}\` | \`${cell(message)}\` |`).join('\n')}
`
}

const { values, positionals } = parseArgs({ options: { write: { type: 'boolean' } }, allowPositionals: true })
const [checkout, ...more] = positionals
if (checkout === undefined) throw new Error('which checkout of ceph/s3-tests? node conformance/s3-tests.ts CHECKOUT')
const dir = await mkdtemp(join(tmpdir(), 'skycrate-s3-tests-'))
try {
  await using store = await startS3Server(['testkey-1', 'testkey-2'])
  const report = join(dir, 'report.xml')
  await writeFile(join(dir, 's3tests.conf'), configuration(store), { mode: 0o600 })
  await pytest(resolve(checkout), join(dir, 's3tests.conf'), report, more)
  const text = describe(readReport(await readFile(report, 'utf8')))
  if (values.write) await writeFile(DOCUMENT, text)
  else process.stdout.write(text)
} finally {
  await rm(dir, { recursive: true, force: true })
}
