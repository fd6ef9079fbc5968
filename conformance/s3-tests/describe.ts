import { BY_DAYS, LISTS_AS_POLICIES, NOT_RUN, OUT_OF_SCOPE } from './scope.ts'

export interface Case {
  readonly name: string
  /** Empty when it passed. */
  readonly message: string
  /** Why the suite left it out by itself. */
  readonly skipped?: string
}

interface Run {
  /** Of the suite. */
  readonly commit: string | undefined
  readonly ranByDays: boolean
}

const groupOf = (name: string): string => /^test_([a-z0-9]+_[a-z0-9]+)/.exec(name)?.[1]?.replaceAll('_', ' ') ?? name

/** A test's own name, without the form that it is run in. */
const plainName = (name: string): string => name.replace(/\[.*$/, '')

const reasonOf = ({ name, message }: Case): string | undefined =>
  OUT_OF_SCOPE.find(({ tests, says }) => tests.includes(plainName(name)) && says.test(`${name} ${message}`))?.reason

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('`', "'").slice(0, 160)

/** The document about a run. */
export function describeCases(cases: readonly Case[], { commit, ranByDays }: Run): string {
  const groups = new Map<string, { passed: number; failed: number; out: number }>()
  const reasons = new Map<string, string[]>()
  const failures: Case[] = []
  const skipped = cases.flatMap(({ name, skipped: why }) => (why === undefined ? [] : [{ name, why }]))
  for (const each of cases) {
    if (each.skipped !== undefined) continue
    const count = groups.get(groupOf(each.name)) ?? { passed: 0, failed: 0, out: 0 }
    groups.set(groupOf(each.name), count)
    const reason = each.message === '' ? undefined : reasonOf(each)
    if (each.message === '') count.passed++
    else if (reason !== undefined) {
      count.out++
      reasons.set(reason, [...(reasons.get(reason) ?? []), each.name])
    } else {
      count.failed++
      failures.push(each)
    }
  }
  const sum = (part: 'passed' | 'failed' | 'out'): number =>
    [...groups.values()].reduce((total, count) => total + count[part], 0)
  const notRun = Object.entries(NOT_RUN)
  return `# Conformance of the store with S3

What [ceph/s3-tests](https://github.com/ceph/s3-tests)${commit === undefined ? '' : ` (${commit})`} finds of \`packages/s3-server\`, run alone. A checkout of it is needed,
and a folder with \`boto3\`, \`botocore\` and \`s3transfer\` of their own checkouts, where Debian's are too old for it:

\`\`\`sh
node conformance/s3-tests.ts ../s3-tests --boto ../boto --write
\`\`\`

**${sum('passed')} passed, ${sum('failed')} failed, ${sum('out')} ran and are out of scope.**

The suite runs as it is, with a plugin (\`conformance/s3-tests/skycrate_adapter.py\`) that says to a store with one account and
without access control lists what the suite says in terms of these. Its second account is played by requests without a
signature, its tenant by the first account. Forms that it signs with Version 2 are signed with Version 4. In ${LISTS_AS_POLICIES.length} tests that are
about something else, a canned list is put as the bucket policy that says the same. ${
    ranByDays
      ? 'Where days have to pass, the clock of the store\nand of the tests is moved (libfaketime).'
      : `Tests whose days have to pass\n(${BY_DAYS.map((mark) => `\`${mark}\``).join(', ')}) were left out, as faketime is not installed.`
  }

| group | passed | failed | out of scope |
| --- | --- | --- | --- |
${[...groups]
  .toSorted(([a], [b]) => (a < b ? -1 : 1))
  .map(([group, { passed, failed, out }]) => `| ${group} | ${passed} | ${failed} | ${out} |`)
  .join('\n')}

## Out of scope

Each was read. It counts here only where it fails in the way that the reason explains; where it passes, it counts as passed.

| what it wants, and why that is not wanted here | tests |
| --- | --- |
${OUT_OF_SCOPE.flatMap(({ reason }) => {
  const tests = reasons.get(reason)
  return tests === undefined ? [] : [`| ${reason} | ${tests.length}: ${tests.map((name) => `\`${name}\``).join(' ')} |`]
}).join('\n')}

| not run, by marker | why |
| --- | --- |
${notRun.map(([mark, reason]) => `| \`${mark}\` | ${reason} |`).join('\n')}

| skipped by the suite itself | why |
| --- | --- |
${skipped.map(({ name, why }) => `| \`${name}\` | ${cell(why)} |`).join('\n')}

The suites for IAM, STS with Ceph's Keycloak set-up, S3 Select and SNS topics are not run.

## Failed

${
  failures.length === 0
    ? 'None.'
    : `| test | what it said |\n| --- | --- |\n${failures.map(({ name, message }) => `| \`${name}\` | \`${cell(message)}\` |`).join('\n')}`
}
`
}
