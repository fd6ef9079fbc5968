export type PreviewKind = 'image' | 'svg' | 'video' | 'audio' | 'pdf' | 'markdown' | 'csv' | 'text' | 'unknown'

const BY_EXTENSION: Readonly<Record<string, PreviewKind>> = Object.fromEntries(
  (
    [
      ['image', 'png apng jpg jpeg jfif gif webp avif bmp ico'],
      ['svg', 'svg'],
      ['video', 'mp4 m4v webm ogv mov'],
      ['audio', 'mp3 m4a aac ogg oga opus wav flac'],
      ['pdf', 'pdf'],
      ['markdown', 'md markdown'],
      ['csv', 'csv tsv'],
    ] as const
  ).flatMap(([kind, extensions]) => extensions.split(' ').map((extension) => [extension, kind])),
)

/** What no person reads: its bytes are not even asked for. */
const OPAQUE = new Set(
  'zip gz tgz bz2 xz zst 7z rar tar jar iso dmg exe dll so bin class wasm woff woff2 ttf otf doc docx xls xlsx ppt pptx odt ods odp heic heif tif tiff psd raw parquet sqlite db mkv avi wmv'.split(
    ' ',
  ),
)

/** `report.final.PDF` → `pdf`; '' where there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.')
  return dot === -1 ? '' : name.slice(dot + 1).toLowerCase()
}

/** How a file is shown, by its name. Everything else may be text: its first bytes tell. */
export function previewKind(name: string): PreviewKind {
  const extension = extensionOf(name)
  if (OPAQUE.has(extension)) return 'unknown'
  return Object.hasOwn(BY_EXTENSION, extension) ? (BY_EXTENSION[extension] ?? 'text') : 'text'
}
