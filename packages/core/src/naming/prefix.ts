import { type KeyProblem, parseKey } from './key.ts'

declare const brand: unique symbol
/** `''` (everything) or a key prefix that ends in `/`. */
export type Prefix = string & { readonly [brand]: 'Prefix' }

export const WHOLE_BUCKET = '' as Prefix

export type PrefixVerdict =
  | { readonly ok: true; readonly prefix: Prefix }
  | { readonly ok: false; readonly problem: KeyProblem | 'no-trailing-slash' | 'empty-segment' }

/**
 * A permission's prefix: a folder boundary, so that `folder-b/` never matches `folder-b2/x`. Empty segments are refused:
 * `//` after an empty `${user.id}` would reach everybody's place.
 */
export function parsePrefix(text: string): PrefixVerdict {
  if (text === '') return { ok: true, prefix: WHOLE_BUCKET }
  const verdict = parseKey(text)
  if (!verdict.ok) return verdict
  if (!text.endsWith('/')) return { ok: false, problem: 'no-trailing-slash' }
  if (text.startsWith('/') || text.includes('//')) return { ok: false, problem: 'empty-segment' }
  return { ok: true, prefix: text as Prefix }
}
