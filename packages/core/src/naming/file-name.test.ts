import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutFileName } from './file-name.ts'

const a = (n: number): string => 'a'.repeat(n)

for (const [what, name, max, cut] of [
  ['a short name stays', 'report.pdf', 255, 'report.pdf'],
  ['a name at the limit stays, counted by code points', `${a(254)}😀`, 255, `${a(254)}😀`],
  ['the extension stays', `${a(300)}.pdf`, 255, `${a(251)}.pdf`],
  ['no surrogate pair is halved', `${a(9)}😀😀`, 10, `${a(9)}😀`],
  ['an emoji before the extension is not halved', `${a(5)}😀😀.txt`, 10, `${a(5)}😀.txt`],
  ['a dot at the beginning is no extension', `.${a(300)}`, 255, `.${a(254)}`],
  ['a dot at the end stays', `${a(300)}.`, 255, `${a(254)}.`],
  ['what is too long for an extension is cut', `${a(3)}.${a(300)}`, 255, `${a(3)}.${a(251)}`],
  ['an extension that fills the limit is cut', 'a.html', 4, 'a.ht'],
  ['a name of one', '😀😀', 1, '😀'],
] as const) {
  test(what, () => assert.equal(cutFileName(name, max), cut))
}
