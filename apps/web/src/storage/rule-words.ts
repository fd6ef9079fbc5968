import type { TieringRule } from '@skycrate/contract/storage/rule-schemas'
import { counted } from '../format/counted.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { className } from './class-words.ts'

const WHAT = { current: 'files', noncurrent: 'old versions', upload: 'unfinished uploads' } as const

/** A rule as a sentence. */
export function ruleWords({ prefix, minBytes, tag, state, afterDays, toClass }: TieringRule): string {
  const size = minBytes > 131_072 ? ` of at least ${formatBytes(minBytes)}` : ''
  const where = prefix === '' ? '' : ` in ${prefix}`
  const tagged = tag === undefined ? '' : ` with the tag ${tag.key}=${tag.value}`
  const when = afterDays === 0 ? 'at once' : `after ${counted(afterDays, 'day')}`
  const what = `${WHAT[state]}${size}${where}${tagged}`
  return toClass === null ? `Delete ${what} ${when}` : `Move ${what} to ${className(toClass)} ${when}`
}
