import { SkyCrateError } from './skycrate-error.ts'

/**
 * Fills a route's path. Each segment is encoded by hand: `%2F`, `//`, spaces and any letters arrive as they were meant.
 * `.` and `..` are refused here, because every URL parser on the way (`fetch`'s own, first) removes such segments even
 * when they are written `%2e%2e`, and the request would reach another object.
 *
 * @param pattern Fastify's notation: `:name`, and a trailing `*` that takes `params.key`
 * @throws SkyCrateError `invalid-key` or `invalid-request`; nothing is sent then
 */
export function routePath(pattern: string, params: Readonly<Record<string, string>>): string {
  return pattern.replace(/:(\w+)|\*/g, (_match, name: string | undefined) => {
    if (name !== undefined) return segment(params[name] ?? '', 'invalid-request')
    const key = params['key'] ?? ''
    if (key === '') throw refusal('invalid-key', 'A key has at least one character.')
    return key
      .split('/')
      .map((part) => (part === '' ? '' : segment(part, 'invalid-key')))
      .join('/')
  })
}

function segment(text: string, code: 'invalid-key' | 'invalid-request'): string {
  if (text === '') throw refusal(code, 'A part of the path is empty.')
  if (text === '.' || text === '..') throw refusal(code, 'A key has no segment that is "." or "..".')
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
  } catch {
    throw refusal(code, 'A key is well-formed Unicode; this one has half of a surrogate pair.')
  }
}

function refusal(code: 'invalid-key' | 'invalid-request', detail: string): SkyCrateError {
  const title = code === 'invalid-key' ? 'The key cannot be used' : 'The request is not valid'
  return new SkyCrateError({ code, title, detail, status: 400 })
}
