import type { RawAnswer } from '../raw-request.ts'
import type { ListedVersion, Outcome } from './key-event.ts'

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescape = (text: string): string =>
  text.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-z]+));/g, (_all, hex?: string, decimal?: string, name?: string) =>
    name === undefined
      ? String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
      : (ENTITIES[name] ?? ''),
  )

/** The contents of all elements of that name, in order; elements do not nest in their like here. */
export const elements = (xml: string, name: string): string[] =>
  [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, 'gs'))].map(([, content = '']) => content)

/** The text of the first element of that name. */
export const textOf = (xml: string, name: string): string | undefined => {
  const [content] = elements(xml, name)
  return content === undefined ? undefined : unescape(content)
}

const unquote = (tag: string | undefined): string | undefined => tag?.replaceAll('"', '')

/** All that the head of an answer about an object tells. */
export const describeAnswer = ({ status, headers, code, text }: RawAnswer): Outcome => {
  const header = (name: string): string | undefined => headers[name] as string | undefined
  const mode = header('x-amz-object-lock-mode')
  const length = header('content-length')
  return {
    status,
    code: code === '' ? undefined : code,
    etag: unquote(header('etag') ?? textOf(text, 'ETag')),
    versionId: header('x-amz-version-id'),
    isMarker: header('x-amz-delete-marker') === 'true' ? true : undefined,
    writer: header('x-amz-meta-writer'),
    length: length === undefined ? undefined : Number(length),
    contentRange: status === 206 ? header('content-range') : undefined,
    encrypted: header('x-amz-server-side-encryption') === 'AES256',
    tagCount: Number(header('x-amz-tagging-count') ?? 0),
    retention: mode === undefined ? '' : `${mode} ${header('x-amz-object-lock-retain-until-date')}`,
    hold: header('x-amz-object-lock-legal-hold') ?? '',
  }
}

export interface ListedObject {
  readonly key: string
  readonly etag: string
  readonly size: number
}

/** Contents and common prefixes of one page; keys were asked for in percent-encoding. */
export interface ListedPage<Row> {
  readonly rows: readonly Row[]
  readonly prefixes: readonly string[]
  readonly isTruncated: boolean
}

const keyOf = (xml: string, name = 'Key'): string => decodeURIComponent(textOf(xml, name) ?? '')

const readPage = <Row>(xml: string, rows: readonly Row[]): ListedPage<Row> => ({
  rows,
  prefixes: elements(xml, 'CommonPrefixes').map((content) => keyOf(content, 'Prefix')),
  isTruncated: textOf(xml, 'IsTruncated') === 'true',
})

export const readObjectPage = (xml: string): ListedPage<ListedObject> =>
  readPage(
    xml,
    elements(xml, 'Contents').map((content) => ({
      key: keyOf(content),
      etag: unquote(textOf(content, 'ETag')) ?? '',
      size: Number(textOf(content, 'Size')),
    })),
  )

export const readVersionPage = (xml: string): ListedPage<ListedVersion & { readonly key: string }> =>
  readPage(
    xml,
    [...xml.matchAll(/<(Version|DeleteMarker)>(.*?)<\/\1>/gs)].map(([, name, content = '']) => ({
      key: keyOf(content),
      id: textOf(content, 'VersionId') ?? '',
      isMarker: name === 'DeleteMarker',
      isLatest: textOf(content, 'IsLatest') === 'true',
      etag: unquote(textOf(content, 'ETag')) ?? '',
      size: Number(textOf(content, 'Size') ?? 0),
    })),
  )

/** Keys and ids of the uploads of a listing. */
export const readUploads = (xml: string): { readonly key: string; readonly id: string }[] =>
  elements(xml, 'Upload').map((content) => ({ key: keyOf(content), id: textOf(content, 'UploadId') ?? '' }))
