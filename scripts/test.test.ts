import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, mkdtempDisposable, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'

const SCRIPT = join(import.meta.dirname, 'test.ts')
const passing = "import { test } from 'node:test'\ntest('it holds', () => {})\n"

interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly code: number
  readonly output: RegExp
  readonly env?: Readonly<Record<string, string>>
}

const CASES: readonly Case[] = [
  {
    name: 'passing files, shared and isolated, are counted together and exit with 0',
    files: { 'a.test.ts': passing, 'conformance/b.test.ts': passing },
    code: 0,
    output: /ℹ tests 2\nℹ suites 0\nℹ pass 2\nℹ fail 0\nℹ cancelled 0\nℹ skipped 0\nℹ todo 0\nℹ duration_ms \d+\n$/,
  },
  {
    name: 'a failing test in the shared process fails the run',
    files: {
      'a.test.ts': "import { test } from 'node:test'\ntest('x', () => { throw new Error('wrong') })\n",
      'b.test.ts': passing,
    },
    code: 1,
    output: /wrong[^]*ℹ tests 2[^]*ℹ fail 1/,
  },
  {
    name: 'a failing test in an isolated file fails the run, even when the shared ones pass',
    files: { 'a.test.ts': passing, 'conformance/b.test.ts': passing.replace('{}', "{ throw new Error('wrong') }") },
    code: 1,
    output: /wrong[^]*ℹ tests 2[^]*ℹ fail 1/,
  },
  {
    name: 'what failed early is told once more at the end',
    files: {
      'a.test.ts': "import { test } from 'node:test'\ntest('x', () => { throw new Error('wrong') })\n",
      'conformance/b.test.ts': passing,
    },
    code: 1,
    output: /it holds[^]*failing tests:[^]*wrong[^]*ℹ tests 2/,
  },
  {
    name: 'a shared file that does not load fails the run',
    files: { 'a.test.ts': "import './missing.ts'\n", 'b.test.ts': passing },
    code: 1,
    output: /missing\.ts/,
  },
  {
    name: 'an isolated file that does not load fails the run',
    files: { 'conformance/a.test.ts': 'throw new Error("no start")\n', 'b.test.ts': passing },
    code: 1,
    output: /no start[^]*ℹ fail 1/,
  },
  {
    name: 'a shared test that ends the process with 0 fails the run',
    files: { 'a.test.ts': passing.replace('{}', '{ process.exit(0) }') },
    code: 1,
    output: /The process ended before the tests did/,
  },
  {
    name: 'an isolated test that ends its process with 0 fails the run',
    files: { 'conformance/a.test.ts': `${passing}test('second', () => { process.exit(0) })\n` },
    code: 1,
    output: /a\.test\.ts ended before its tests did/,
  },
  {
    name: 'an isolated test that is killed fails the run',
    files: { 'conformance/a.test.ts': passing.replace('{}', "{ process.kill(process.pid, 'SIGKILL') }") },
    code: 1,
    output: /ℹ fail 1/,
  },
  {
    name: 'an error thrown after a test has passed fails the run',
    files: { 'conformance/a.test.ts': passing.replace('{}', "{ setTimeout(() => { throw new Error('late') }, 20) }") },
    code: 1,
    output: /late/,
  },
  {
    name: 'what a failed set-up has left running fails the run, and does not keep it from ending',
    files: {
      'conformance/a.test.ts': `import { before } from 'node:test'\n${passing}before(() => { setInterval(() => {}, 1000); throw new Error('no start') })\n`,
      'conformance/b.test.ts': passing,
    },
    env: { SKYCRATE_TEST_PATIENCE_MS: '500' },
    code: 1,
    output: /Still running 0\.5 s after the last test[^]*no start[^]*ℹ fail [12]/,
  },
  {
    name: 'a skipped test is told of at the end, with its reason, and is no failure',
    files: { 'a.test.ts': passing.replace('() =>', "{ skip: 'install it with apt-get install x' }, () =>") },
    code: 0,
    output: /\nSkipped:\n {2}1 × install it with apt-get install x\n\nℹ tests 1\n[^]*ℹ skipped 1/,
  },
  {
    name: 'a skipped test is a failure where nothing may be skipped',
    files: { 'a.test.ts': passing, 'conformance/b.test.ts': passing.replace('() => {}', "(t) => t.skip('why')") },
    env: { SKYCRATE_TEST_ALL: '1' },
    code: 1,
    output: /1 × why/,
  },
]

function run(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { status: number | null; stdout: string } {
  // A runner that sees its parent's variables takes itself for one of the parent's files.
  const { NODE_TEST_CONTEXT: _context, SKYCRATE_TEST_ALL: _all, ...inherited } = process.env
  return spawnSync(process.execPath, [SCRIPT, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...inherited, ...env },
  })
}

for (const { name, files, code, output, env } of CASES) {
  test(name, async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-runner-'))
    const paths: string[] = []
    for (const [path, text] of Object.entries(files)) {
      const full = join(folder.path, path)
      await mkdir(dirname(full), { recursive: true })
      await writeFile(full, text)
      paths.push(full)
    }
    const done = run(paths, env)
    assert.match(done.stdout, output)
    assert.equal(done.status, code)
  })
}

test('the slowest files are told at the end, the slowest first', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'skycrate-runner-'))
  const slow = passing.replace('() => {}', '() => new Promise((resolve) => setTimeout(resolve, 300))')
  const paths = ['quick.test.ts', 'slow.test.ts', 'conformance/slowest.test.ts'].map((path) => join(folder.path, path))
  const texts = [passing, slow, slow.replace('300', '1500')]
  await mkdir(join(folder.path, 'conformance'))
  for (const [at, path] of paths.entries()) await writeFile(path, texts[at] ?? '')
  const { stdout } = run(paths)
  assert.match(
    stdout,
    /\nSlowest files:\n +[\d.]+ s +\S+slowest\.test\.ts\n +[\d.]+ s +\S+slow\.test\.ts\n +[\d.]+ s +\S+quick\.test\.ts\n\n/,
  )
})

test('a run that finds no test fails', () => {
  const done = run(['no-such-part-of-a-path'])
  assert.match(done.stdout, /No test was found/)
  assert.equal(done.status, 1)
})
