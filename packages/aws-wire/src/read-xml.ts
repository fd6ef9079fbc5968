import { XMLParser, XMLValidator } from 'fast-xml-parser'
import { MalformedXmlError } from './malformed-xml-error.ts'

/** One element: its text (exactly as sent, entities resolved) and its child elements in order. */
export interface XmlNode {
  readonly name: string
  readonly text: string
  readonly children: readonly XmlNode[]
}

const CDATA = '#cdata'

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: true,
  parseTagValue: false,
  trimValues: false,
  removeNSPrefix: true,
  // It drops references to characters it does not like, and `a&#14;b` would become the key `ab`: see resolveReferences.
  processEntities: false,
  cdataPropName: CDATA,
  ignoreDeclaration: true,
  ignorePiTags: true,
})

const REFERENCE = /&(?:(amp|lt|gt|quot|apos)|#([0-9]{1,7})|#x([0-9a-fA-F]{1,6}));|&/g
const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** @throws MalformedXmlError for an unknown entity and for what is no character */
const resolveReferences = (text: string): string =>
  text.replace(REFERENCE, (_match, name: string | undefined, decimal: string | undefined, hex: string | undefined) => {
    if (name !== undefined) return NAMED[name] ?? ''
    const point = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    if (!(point <= 0x10ffff) || (point >= 0xd800 && point <= 0xdfff)) throw new MalformedXmlError()
    return String.fromCodePoint(point)
  })

const toNode = (raw: Record<string, unknown>): XmlNode | undefined => {
  const name = Object.keys(raw).find((key) => key !== ':@' && key !== '#text')
  if (name === undefined) return undefined
  const children: XmlNode[] = []
  let text = ''
  for (const part of raw[name] as Record<string, unknown>[]) {
    const cdata = part[CDATA]
    if (typeof part['#text'] === 'string') text += resolveReferences(part['#text'])
    else if (Array.isArray(cdata))
      text += cdata.map((piece: Record<string, unknown>) => String(piece['#text'])).join('')
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
 * @throws MalformedXmlError for anything not well formed, for a document type declaration, and for references to
 *   characters that do not exist
 */
export const readXml = (text: string, rootName: string): XmlNode => {
  const malformed = (cause?: unknown): MalformedXmlError => new MalformedXmlError(cause)
  if (/<!DOCTYPE/i.test(text)) throw malformed()
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

/** The text of the only child of that name, or undefined. @throws MalformedXmlError when it is there twice */
export const optionalText = (node: XmlNode, name: string): string | undefined => {
  const found = childrenOf(node, name)
  if (found.length > 1) throw new MalformedXmlError()
  return found[0]?.text
}

/** @throws MalformedXmlError when it is missing or there twice */
export const requiredText = (node: XmlNode, name: string): string => {
  const text = optionalText(node, name)
  if (text === undefined) throw new MalformedXmlError()
  return text
}

/** @throws MalformedXmlError when it is missing or there twice */
export const requiredChild = (node: XmlNode, name: string): XmlNode => {
  const [first, second] = childrenOf(node, name)
  if (first === undefined || second !== undefined) throw new MalformedXmlError()
  return first
}
