// npm test [-- [quick] FILE or part of a path …]
// `quick` leaves out the tests that go on for long on purpose (test-selection.ts). Unit and integration tests run in one
// process; beside it the black-box specs do, each file in a process of its own.
import { existsSync, globSync } from 'node:fs'
import { relative, resolve, sep } from 'node:path'
import { buildWeb } from './build-web.ts'
import { runTests } from './run-tests.ts'
import { inOrder, isSelected } from './test-selection.ts'

const root = resolve(import.meta.dirname, '..')
const SHARED = ['packages', 'apps', 'bench', 'scripts'].map((folder) => `${folder}/**/*.test.ts`)
const ISOLATED = ['conformance/**/*.test.ts']

const words = process.argv.slice(2)
const quick = words.includes('quick')
const given = words.filter((word) => word !== 'quick')
const named = given
  .filter((argument) => argument.endsWith('.test.ts') && existsSync(argument))
  .map((path) => resolve(path))
const parts = given.filter((argument) => !named.includes(resolve(argument)))

const find = (patterns: string[]): string[] =>
  given.length > 0 && parts.length === 0
    ? []
    : globSync(patterns, { cwd: root, exclude: ['**/node_modules/**', '**/dist/**'] })
        .map((path) => path.replaceAll(sep, '/'))
        .filter((path) => isSelected(path, { quick, parts }))
        .map((path) => resolve(root, path))
        .toSorted()
const isBlackBox = (path: string): boolean => relative(root, path).split(sep).includes('conformance')

const blackBox = [...new Set([...find(ISOLATED), ...named.filter(isBlackBox)])]
// They drive the system as it is shipped, and that has pages.
const built = blackBox.length === 0 || tryToBuildWeb()

const code = await runTests({
  shared: [...new Set([...find(SHARED), ...named.filter((path) => !isBlackBox(path))])],
  isolated: inOrder(blackBox),
  nothingSkipped: process.env.SKYCRATE_TEST_ALL === '1',
})
// Anything that a test left open must not keep the run from ending.
process.exit(built ? code : 1)

/** Without pages much can still be told, but not success. */
function tryToBuildWeb(): boolean {
  try {
    buildWeb()
    return true
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`)
    return false
  }
}
