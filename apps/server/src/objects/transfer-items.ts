import type { TransferRequest } from '@skycrate/contract/operations/schemas'
import { KEY_PROBLEMS, parseStoredKey } from '@skycrate/core/naming/key'
import { requireKey } from '../access/gate.ts'
import { AppError } from '../errors/app-error.ts'
import type { Source, TransferItem } from './object-jobs.ts'

const MAX_ITEMS = 1000

/**
 * What a request asks to copy or move, each with where it goes.
 * @throws AppError `invalid-request`, `invalid-key`
 */
export function transferItems({ from, to, onConflict }: TransferRequest): TransferItem[] {
  const forms = [from.key !== undefined, from.prefix !== undefined, (from.keys ?? from.prefixes) !== undefined]
  if (forms.filter(Boolean).length !== 1) throw wrong('/from', 'has one of key, prefix, or keys and prefixes')
  if ((to.key === undefined) === (to.prefix === undefined)) throw wrong('/to', 'has either key or prefix')

  const items = itemsOf(from, to)
  const targets = new Set<string>()
  for (const item of items) {
    const [source, target] = 'key' in item ? [item.key, item.toKey] : [item.prefix, item.toPrefix]
    if (targets.has(target) && onConflict !== 'keep-both' && onConflict !== 'skip') {
      throw wrong('/from', `has two with the same name: ${nameOf(target)}`)
    }
    targets.add(target)
    if (from.bucket !== to.bucket) continue
    if ('key' in item) {
      if (source === target && onConflict !== 'keep-both') throw wrong('/to', 'is where it is already')
    } else if (target.startsWith(source) || source.startsWith(target)) {
      throw wrong('/to', `overlaps with the folder ${source}`)
    }
  }
  return items
}

function itemsOf(from: TransferRequest['from'], to: TransferRequest['to']): TransferItem[] {
  if (from.key !== undefined) {
    const key = requireStoredKey(from.key)
    return [{ key, toKey: to.key !== undefined ? requireKey(to.key) : `${requireFolder(to.prefix)}${nameOf(key)}` }]
  }
  const toPrefix = requireFolder(to.prefix)
  if (from.prefix !== undefined) return [{ prefix: requireStoredFolder(from.prefix), toPrefix }]
  return sourcesOf(from.keys, from.prefixes).map((source) =>
    'key' in source
      ? { key: source.key, toKey: `${toPrefix}${nameOf(source.key)}` }
      : { prefix: requireNamed(source.prefix), toPrefix: `${toPrefix}${nameOf(source.prefix)}` },
  )
}

/**
 * Keys and prefixes as tools may have written them.
 * @throws AppError `invalid-request`, `invalid-key`
 */
export function sourcesOf(keys: readonly string[] = [], prefixes: readonly string[] = []): Source[] {
  const count = keys.length + prefixes.length
  if (count === 0 || count > MAX_ITEMS) throw wrong('', `names 1 to ${MAX_ITEMS} keys and prefixes`)
  return [
    ...[...new Set(keys)].map((key) => ({ key: requireStoredKey(key) })),
    ...[...new Set(prefixes)].map((prefix) => ({ prefix: requireStoredFolder(prefix) })),
  ]
}

/** The last segment, with the slash of a folder: `a/b.txt` → `b.txt`, `a/b/` → `b/`. */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/', path.length - 2) + 1)
}

function requireStoredKey(text: string): string {
  const verdict = parseStoredKey(text)
  if (verdict.ok) return verdict.key
  throw new AppError('invalid-key', KEY_PROBLEMS[verdict.problem])
}

/** '' or what ends in '/', however odd its segments are. */
function requireStoredFolder(text: string): string {
  if (text !== '' && !requireStoredKey(text).endsWith('/')) throw new AppError('invalid-key', NO_FOLDER)
  return text
}

function requireNamed(prefix: string): string {
  if (prefix === '') throw wrong('/from/prefixes', 'holds the whole bucket, which has no name: use from.prefix')
  return prefix
}

/** A folder that SkyCrate is to write to. */
export function requireFolder(text = ''): string {
  if (text !== '' && !requireKey(text).endsWith('/')) throw new AppError('invalid-key', NO_FOLDER)
  return text
}

const NO_FOLDER = "A folder ends in '/'."

function wrong(path: string, message: string): AppError {
  return new AppError('invalid-request', undefined, { errors: [{ path, message }] })
}
