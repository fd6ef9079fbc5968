import { cutFileName } from '@skycrate/core/naming/file-name'

/** Code points: what most file systems take. */
const MAX_NAME = 255

/**
 * Makes a browser save what it gets under a name. `filename*` holds the name itself; `filename` comes close in ASCII, for
 * programs that know only that.
 *
 * @param name well-formed Unicode
 * @see RFC 6266 and RFC 8187
 */
export function attachment(name: string): string {
  const cut = cutFileName(name, MAX_NAME)
  const encoded = encodeURIComponent(cut).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${inAscii(cut)}"; filename*=UTF-8''${encoded}`
}

/** `Résumé.txt` → `Resume.txt`. A percent sign would be decoded by some programs, a quote or a slash misread. */
function inAscii(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^\x20-\x7e]|["\\/%]/gu, '_')
}
