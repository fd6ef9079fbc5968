import assert from 'node:assert/strict'
import { test } from 'node:test'
import { previewKind } from './preview-kind.ts'

for (const [name, kind] of [
  ['holiday.JPG', 'image'],
  ['logo.svg', 'svg'],
  ['notes.md', 'markdown'],
  ['figures.tsv', 'csv'],
  ['report.final.pdf', 'pdf'],
  ['backup.tar.gz', 'unknown'],
  // Shown as its source, never as a page.
  ['page.html', 'text'],
  ['Makefile', 'text'],
  ['constructor', 'text'],
  ['.constructor', 'text'],
  ['', 'text'],
] as const) {
  test(`${name} is shown as ${kind}`, () => assert.equal(previewKind(name), kind))
}
