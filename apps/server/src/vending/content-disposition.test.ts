import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attachment } from './content-disposition.ts'

for (const [name, expected] of [
  ['report.pdf', `attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`],
  ['Résumé (1).txt', `attachment; filename="Resume (1).txt"; filename*=UTF-8''R%C3%A9sum%C3%A9%20%281%29.txt`],
  ['写真.jpg', `attachment; filename="__.jpg"; filename*=UTF-8''%E5%86%99%E7%9C%9F.jpg`],
  ['a"b\\c/d%2e\r\n.txt', `attachment; filename="a_b_c_d_2e__.txt"; filename*=UTF-8''a%22b%5Cc%2Fd%252e%0D%0A.txt`],
] as const) {
  test(`${JSON.stringify(name)} is offered as an attachment`, () => assert.equal(attachment(name), expected))
}

test('a long name keeps its extension in both forms, and loses no half of a character', () => {
  const of = (name: string): string => decodeURIComponent(/filename\*=UTF-8''(.*)$/.exec(attachment(name))?.[1] ?? '')
  assert.equal(of(`${'a'.repeat(300)}.pdf`), `${'a'.repeat(251)}.pdf`)
  assert.equal(of(`${'a'.repeat(254)}😀`), `${'a'.repeat(254)}😀`)
  assert.match(attachment(`${'a'.repeat(300)}.pdf`), /filename="a{251}\.pdf"/)
})
