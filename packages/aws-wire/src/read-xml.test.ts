import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { MalformedXmlError } from './malformed-xml-error.ts'
import { optionalText, readXml, requiredText } from './read-xml.ts'
import { element, writeXml } from './write-xml.ts'

test('any text that is written is read back as it was', () => {
  const text = fc.string({ unit: 'binary', maxLength: 30 })
  fc.assert(
    fc.property(text, (value) => {
      const root = readXml(writeXml(element('Root', [element('Key', value)])), 'Root')
      assert.equal(requiredText(root, 'Key'), value)
    }),
    { numRuns: 200 },
  )
})

test('a CDATA section is taken literally, beside text that is not', () => {
  const root = readXml('<Root><Key>a&amp;<![CDATA[<b>&amp;]]>c</Key><Empty><![CDATA[]]></Empty></Root>', 'Root')
  assert.equal(requiredText(root, 'Key'), 'a&<b>&amp;c')
  assert.equal(requiredText(root, 'Empty'), '')
})

test('documents are read or refused, never anything else', () => {
  const piece = fc.constantFrom(
    '<Root>',
    '</Root>',
    '<Key>',
    '</Key>',
    '<Key/>',
    'text',
    '&amp;',
    '&#65;',
    '&x;',
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<?p',
    '?>',
    '<!DOCTYPE x>',
    '"',
    "'",
    '=',
    ' a="b"',
    '<__proto__>',
    '</__proto__>',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 15 }), (pieces) => {
      try {
        optionalText(readXml(pieces.join(''), 'Root'), 'Key')
      } catch (error) {
        assert.ok(error instanceof MalformedXmlError, String(error))
      }
    }),
    { numRuns: 2000 },
  )
})

const REFUSED = [
  ['two roots', '<Root/><Root/>'],
  ['another root', '<Other/>'],
  ['an unknown entity', '<Root>&nbsp;</Root>'],
  ['half a pair', '<Root>&#xD800;</Root>'],
  ['a document type', '<!DOCTYPE Root><Root/>'],
  ['an open element', '<Root><Key></Root>'],
] as const

for (const [name, text] of REFUSED) {
  test(`${name} is refused`, () => {
    assert.throws(() => readXml(text, 'Root'), MalformedXmlError)
  })
}
