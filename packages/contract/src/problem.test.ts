import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Compile } from 'typebox/compile'
import { Problem, PROBLEMS, type ProblemCode } from './problem.ts'

const FOLDER = new URL('../../../docs/errors/', import.meta.url)
const CODES = Object.keys(PROBLEMS) as ProblemCode[]
const problem = Compile(Problem)

const read = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8')

test('each code has its page, and each page its code', () => {
  const pages = readdirSync(FOLDER).filter((name) => name !== 'README.md')
  assert.deepEqual(pages.toSorted(), CODES.map((code) => `${code}.md`).toSorted())
})

test('a page gives the status and title of its code, and what to do for both readers', () => {
  for (const code of CODES) {
    const { status, title } = PROBLEMS[code]
    const page = read(`${code}.md`)
    assert.ok(page.startsWith(`# ${code}\n\n**${status} ${title}**\n`), code)
    for (const heading of ['## If you build an app', '## If you run SkyCrate', '## Example']) {
      assert.ok(page.includes(`\n${heading}\n`), `${code}: ${heading}`)
    }
  }
})

test("a page's example is a problem as the server would send it", () => {
  for (const code of CODES) {
    const json = /\n```json\n(.*?)\n```\n/s.exec(read(`${code}.md`))?.[1]
    assert.ok(json, code)
    const example: unknown = JSON.parse(json)
    assert.deepEqual([...problem.Errors(example)], [], code)
    const { type, title, status, code: stated } = example as Problem
    assert.deepEqual({ type, title, status, stated }, { type: `/docs/errors/${code}`, ...PROBLEMS[code], stated: code })
  }
})

test('the index names every code with its status and title', () => {
  const index = read('README.md')
  for (const code of CODES) {
    const { status, title } = PROBLEMS[code]
    assert.ok(index.includes(`| ${status} | [${code}](${code}.md) | ${title} |`), code)
  }
})
