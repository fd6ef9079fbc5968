import type { HeaderReader } from './http/header-reader.ts'

export interface CorsRule {
  readonly id?: string
  readonly allowedOrigins: readonly string[]
  readonly allowedMethods: readonly string[]
  readonly allowedHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly maxAgeSeconds?: number
}

/** Whether `text` fits a pattern with at most one `*`. */
const fits = (pattern: string, text: string): boolean => {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === text
  const head = pattern.slice(0, star)
  const tail = pattern.slice(star + 1)
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail)
}

/**
 * The first rule that lets this origin use this method with these headers (lower case), as S3 chooses it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html
 */
export const findCorsRule = (
  rules: readonly CorsRule[],
  origin: string,
  method: string,
  headers: readonly string[],
): CorsRule | undefined =>
  rules.find(
    (rule) =>
      rule.allowedOrigins.some((pattern) => fits(pattern, origin)) &&
      rule.allowedMethods.includes(method) &&
      headers.every((header) => rule.allowedHeaders.some((pattern) => fits(pattern.toLowerCase(), header))),
  )

/** The header names a preflight asks for, in lower case. */
export const requestedHeaders = (headers: HeaderReader): string[] =>
  (headers.get('access-control-request-headers') ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')

/**
 * What answers of a bucket with rules depend on, those without an Origin too: a browser would else give a page the copy
 * that an `<img>` has left in its cache, without the headers that the page needs.
 */
export const CORS_VARY = 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method'

/** The answer's CORS headers under a rule. */
export const corsHeaders = (rule: CorsRule, origin: string): Record<string, string> => {
  const any = rule.allowedOrigins.includes('*')
  return {
    'access-control-allow-origin': any ? '*' : origin,
    'access-control-allow-methods': rule.allowedMethods.join(', '),
    ...(any ? {} : { 'access-control-allow-credentials': 'true' }),
    ...(rule.exposeHeaders.length === 0 ? {} : { 'access-control-expose-headers': rule.exposeHeaders.join(', ') }),
    ...(rule.maxAgeSeconds === undefined ? {} : { 'access-control-max-age': String(rule.maxAgeSeconds) }),
    vary: CORS_VARY,
  }
}
