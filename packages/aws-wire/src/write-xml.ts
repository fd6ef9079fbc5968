/** An element; an array as content holds children, and `undefined` children are left out. */
export interface XmlElement {
  readonly name: string
  readonly content: string | readonly (XmlElement | undefined)[]
  readonly attributes?: Readonly<Record<string, string>>
}

export const element = (
  name: string,
  content: string | number | boolean | readonly (XmlElement | undefined)[],
): XmlElement => ({ name, content: typeof content === 'object' ? content : String(content) })

/** As `element`, or nothing at all when the content is undefined. */
export const optionalElement = (name: string, content: string | number | boolean | undefined): XmlElement | undefined =>
  content === undefined ? undefined : element(name, content)

// Control characters have no legal form in XML 1.0; like AWS we write them as references, which clients read.
const SPECIAL = /[&<>"\p{Cc}\u{fffe}\u{ffff}]/gu

const escapeText = (text: string): string =>
  text.replace(SPECIAL, (character) => {
    switch (character) {
      case '&':
        return '&amp;'
      case '<':
        return '&lt;'
      case '>':
        return '&gt;'
      case '"':
        return '&quot;'
      case '\n':
      case '\t':
        return character
      default:
        return `&#x${character.charCodeAt(0).toString(16).toUpperCase()};`
    }
  })

const writeElement = (node: XmlElement, out: string[]): void => {
  out.push('<', node.name)
  for (const [name, value] of Object.entries(node.attributes ?? {})) out.push(' ', name, '="', escapeText(value), '"')
  out.push('>')
  if (typeof node.content === 'string') out.push(escapeText(node.content))
  else for (const child of node.content) if (child !== undefined) writeElement(child, out)
  out.push('</', node.name, '>')
}

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** A whole document in S3's namespace, or in none (`namespace: ''`, as S3's errors are). */
export const writeXml = (root: XmlElement, namespace: string = S3_NAMESPACE): string => {
  const out = ['<?xml version="1.0" encoding="UTF-8"?>\n']
  writeElement(namespace === '' ? root : { ...root, attributes: { xmlns: namespace, ...root.attributes } }, out)
  return out.join('')
}
