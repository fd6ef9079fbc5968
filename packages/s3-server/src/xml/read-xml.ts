import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { S3Error } from '../s3-error.ts'

/** One element: its text (exactly as sent, entities resolved) and its child elements in order. */
export interface XmlNode {
  readonly name: string
  readonly text: string
  readonly children: readonly XmlNode[]
}

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  processEntities: true,
  htmlEntities: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
})

// The parser drops references it can't resolve (`a&#0;b` would become the key `ab`), so only good ones get to it.
const BAD_REFERENCE = /&(?!(?:amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)/
const NUMERIC_REFERENCE = /&#(x?)([0-9a-fA-F]+);/g

const hasBadReference = (text: string): boolean => {
  if (BAD_REFERENCE.test(text)) return true
  for (const [, hex, digits] of text.matchAll(NUMERIC_REFERENCE)) {
    const point = Number.parseInt(digits ?? '', hex === 'x' ? 16 : 10)
    if (point === 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return true
  }
  return false
}

const toNode = (raw: Record<string, unknown>): XmlNode | undefined => {
  const name = Object.keys(raw).find((key) => key !== ':@' && key !== '#text')
  if (name === undefined) return undefined
  const children: XmlNode[] = []
  let text = ''
  for (const part of raw[name] as Record<string, unknown>[]) {
    if (typeof part['#text'] === 'string') text += part['#text']
    else {
      const child = toNode(part)
      if (child !== undefined) children.push(child)
    }
  }
  return { name, text, children }
}

/**
 * The root element of a request document. Namespaces and attributes are ignored, as S3 does.
 *
 * @throws S3Error MalformedXML for anything not well formed, for a document type declaration, and for references to
 *   characters that do not exist
 */
export const readXml = (text: string, rootName: string): XmlNode => {
  const malformed = (cause?: unknown): S3Error => new S3Error('MalformedXML', { cause })
  if (/<!DOCTYPE/i.test(text) || hasBadReference(text)) throw malformed()
  let roots: XmlNode[]
  try {
    if (XMLValidator.validate(text) !== true) throw malformed()
    roots = (parser.parse(text) as Record<string, unknown>[]).map(toNode).filter((node) => node !== undefined)
  } catch (error) {
    throw malformed(error)
  }
  const [root] = roots
  if (roots.length !== 1 || root?.name !== rootName) throw malformed()
  return root
}

export const childrenOf = (node: XmlNode, name: string): readonly XmlNode[] =>
  node.children.filter((child) => child.name === name)

/** The text of the only child of that name, or undefined. @throws S3Error MalformedXML when it is there twice */
export const optionalText = (node: XmlNode, name: string): string | undefined => {
  const found = childrenOf(node, name)
  if (found.length > 1) throw new S3Error('MalformedXML')
  return found[0]?.text
}

/** @throws S3Error MalformedXML when it is missing or there twice */
export const requiredText = (node: XmlNode, name: string): string => {
  const text = optionalText(node, name)
  if (text === undefined) throw new S3Error('MalformedXML')
  return text
}

/** @throws S3Error MalformedXML when it is missing or there twice */
export const requiredChild = (node: XmlNode, name: string): XmlNode => {
  const [first, second] = childrenOf(node, name)
  if (first === undefined || second !== undefined) throw new S3Error('MalformedXML')
  return first
}
