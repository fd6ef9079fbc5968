import { extensionOf, previewKind } from '../preview/preview-kind.ts'
import type { Entry } from './entry.ts'

export const FILE_KINDS = {
  folder: 'Folders',
  image: 'Images',
  video: 'Videos',
  audio: 'Audio',
  document: 'Documents',
  archive: 'Archives',
  other: 'Other',
} as const

export type FileKind = keyof typeof FILE_KINDS

const IMAGES = new Set('svg heic heif tif tiff psd raw'.split(' '))
const VIDEOS = new Set('mkv avi wmv'.split(' '))
const DOCUMENTS = new Set('txt doc docx xls xlsx ppt pptx odt ods odp rtf pages numbers key epub'.split(' '))
const ARCHIVES = new Set('zip gz tgz bz2 xz zst 7z rar tar jar iso dmg'.split(' '))

/** What a person would call an entry, by its name. */
export function fileKindOf(entry: Entry): FileKind {
  if (entry.kind === 'folder') return 'folder'
  const extension = extensionOf(entry.name)
  if (IMAGES.has(extension)) return 'image'
  if (VIDEOS.has(extension)) return 'video'
  if (DOCUMENTS.has(extension)) return 'document'
  if (ARCHIVES.has(extension)) return 'archive'
  const kind = previewKind(entry.name)
  if (kind === 'image' || kind === 'video' || kind === 'audio') return kind
  return kind === 'pdf' || kind === 'markdown' || kind === 'csv' ? 'document' : 'other'
}

/** Whether a name holds each of the words, in any case and form of Unicode. */
export function isNamedLike(text: string): (name: string) => boolean {
  const words = folded(text).split(/\s+/).filter(Boolean)
  return (name) => {
    const given = folded(name)
    return words.every((word) => given.includes(word))
  }
}

const folded = (text: string): string => text.normalize('NFC').toLocaleLowerCase()
