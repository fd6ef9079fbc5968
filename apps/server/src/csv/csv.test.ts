import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { guardFormula, unguardFormula } from './formula-guard.ts'
import { readCsv } from './read-csv.ts'
import { BOM, csvRecord } from './write-csv.ts'

const read = (text: string) => readCsv(Buffer.from(text))
const cells = (text: string) => read(text).records.map((record) => record.cells)

test('files are read as spreadsheets write them', () => {
  const expected = [
    ['a', 'b'],
    ['1', '2'],
  ]
  for (const text of ['a,b\r\n1,2\r\n', 'a,b\n1,2', 'a,b\r1,2\r', `${BOM}a,b\n1,2\n`, 'a;b\n1;2\n', 'a\tb\n1\t2\n']) {
    assert.deepEqual(cells(text), expected, JSON.stringify(text))
  }
  assert.deepEqual(cells('"a","b"\n\n  \n"1","2"\n'), expected, 'empty lines')
  assert.deepEqual(cells('a,b\n"say ""hi"", or\r\nnot",\n,\n'), [
    ['a', 'b'],
    ['say "hi", or\r\nnot', ''],
    ['', ''],
  ])
})

test('a record knows its line, also after cells of several lines', () => {
  const { records } = read('a,b\n"1\n\n1",2\n3,4\r\n\r\n5,6')
  assert.deepEqual(
    records.map(({ line }) => line),
    [1, 2, 5, 7],
  )
})

test('what is no CSV is named with its line, and the lines around it are still read', () => {
  assert.deepEqual(read('a,b\n"1"x,2\n3,4\n'), {
    records: [
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', '2'] },
      { line: 3, cells: ['3', '4'] },
    ],
    mistakes: [{ line: 2, message: 'There is text after a closing quotation mark.' }],
  })
  assert.deepEqual(read('a,b\n1,"2\n3,4\n').mistakes, [{ line: 2, message: 'A quotation mark is not closed.' }])
  assert.deepEqual(readCsv(Uint8Array.of(0x61, 0xff)).mistakes, [{ line: 1, message: 'The file is not UTF-8.' }])
  assert.deepEqual(read(''), { records: [], mistakes: [] })
})

test('what a spreadsheet would run as a formula is written as text', () => {
  for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\uFF1D1', "'=1"]) {
    assert.ok(csvRecord([text]).replace(/^"/, '').startsWith("'"), text)
  }
  assert.equal(csvRecord(['a;=cmd()']), `"a;'=cmd()"\r\n`)
  for (const plain of ['a', 'a=1', "it's", 'x-y', '2026/', 'alice@example.com'])
    assert.equal(guardFormula(plain), plain)
})

const tricky = fc
  .array(fc.constantFrom('=', '+', '-', '@', "'", ';', '|', '\t', '\r', '\n', '"', ',', ' ', 'a', '\uFF1D', BOM), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''))
const text = fc.oneof(tricky, fc.string({ unit: 'grapheme' }))

test('what was written is read again, whatever the text', () => {
  fc.assert(
    fc.property(fc.array(fc.array(text, { minLength: 2, maxLength: 4 }), { minLength: 1 }), (rows) => {
      const file = `${BOM}${csvRecord(['one', 'two'])}${rows.map(csvRecord).join('')}`
      assert.deepEqual(cells(file), [['one', 'two'], ...rows])
      for (const cell of rows.flat()) {
        const guarded = guardFormula(cell)
        assert.doesNotMatch(guarded, /(?:^|[;\t\r\n|])[=+\-@\uFF1D]/u)
        assert.equal(unguardFormula(guarded), cell)
      }
    }),
    { numRuns: 3000 },
  )
})
