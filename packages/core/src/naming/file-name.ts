/**
 * Cuts a file name to a length, before its extension, so that `report….pdf` stays a PDF. Counts and cuts by code points:
 * half of a surrogate pair is not a character. An extension as long as the limit is cut like the rest.
 *
 * @param max code points, at least 1
 */
export function cutFileName(name: string, max: number): string {
  // No code point is longer than its UTF-16 units, which are counted at once.
  if (name.length <= max) return name
  const points = Array.from(name)
  if (points.length <= max) return name
  const dot = points.lastIndexOf('.')
  const extension = dot > 0 ? points.slice(dot) : []
  // Beyond it, what follows the last dot is a part of the name rather than a kind of file.
  const kept = extension.length <= MAX_EXTENSION && extension.length < max ? extension : []
  return [...points.slice(0, max - kept.length), ...kept].join('')
}

/** Code points, with the dot. */
const MAX_EXTENSION = 32
