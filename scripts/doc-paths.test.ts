import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'

const root = resolve(import.meta.dirname, '..')
const documents = globSync('**/*.md', {
  cwd: root,
  exclude: ['**/node_modules/**', '**/dist/**', '**/cdk.out/**', 'data/**', 'artifacts/**'],
})

/** What is written in code type and begins like a path of this repository; those with a wildcard or a gap are left out. */
const PATH = /`((?:\.ci|apps|bench|conformance|docs|packages|scripts)\/[\w./-]+)`/g
/** Links to files, without those that leave the repository or stay in the page. */
const LINK = /\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)/g

const withoutBlocks = (text: string): string => text.replaceAll(/^ *```.*?^ *```/gms, '')

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(
    ([, heading = '']) =>
      `#${heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-')}`,
  )

test('there are documents to look at', () => {
  assert.ok(documents.includes('ARCHITECTURE.md'))
})

const read = (document: string): string => withoutBlocks(readFileSync(join(root, document), 'utf8'))

test('every file that a document names is there', () => {
  const missing = documents.flatMap((document) =>
    [...read(document).matchAll(PATH)]
      .filter(([, path = '']) => !existsSync(join(root, path)))
      .map(([, path]) => `${document}: ${path}`),
  )
  assert.deepEqual(missing, [])
})

test('every link of a document leads somewhere', () => {
  const missing = documents.flatMap((document) =>
    [...read(document).matchAll(LINK)]
      .filter(([, path = '', anchor]) => {
        const target = resolve(root, dirname(document), path)
        if (!existsSync(target)) return true
        return anchor !== undefined && !anchorsOf(readFileSync(target, 'utf8')).includes(anchor)
      })
      .map(([, path, anchor = '']) => `${document}: ${path}${anchor}`),
  )
  assert.deepEqual(missing, [])
})
