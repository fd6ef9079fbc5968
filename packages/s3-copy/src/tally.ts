import type { ReportLine } from './report.ts'

/** What of a version or setting the user can do without, by the names of the report. */
export type Accepted = ReadonlySet<string>

/** Counts what the report says. */
export class Tally {
  readonly counts = {
    buckets: 0,
    keys: 0,
    copied: 0,
    present: 0,
    bytes: 0,
    'would copy': 0,
    gone: 0,
    missing: 0,
    differing: 0,
    extra: 0,
    settings: 0,
    'settings to apply': 0,
    'settings missing or differing': 0,
    'unfinished uploads': 0,
  }
  readonly #accepted: Accepted

  constructor(accepted: Accepted) {
    this.#accepted = accepted
  }

  add(line: ReportLine): void {
    const { counts } = this
    switch (line.kind) {
      case 'version': {
        const lost = (line.lost ?? []).filter((attribute) => !this.#accepted.has(attribute))
        const isUnverified = line.status === 'copied' && line.verifiedBy === undefined
        if (line.status === 'missing') counts.missing++
        else if (line.status === 'differs' || lost.length > 0 || isUnverified) counts.differing++
        if (
          line.status === 'copied' ||
          line.status === 'present' ||
          line.status === 'would copy' ||
          line.status === 'gone'
        ) {
          counts[line.status]++
        }
        if (line.status === 'copied') counts.bytes += line.size
        return
      }
      case 'setting':
        if (line.status === 'applied' || line.status === 'present') counts.settings++
        else if (line.status === 'would apply') counts['settings to apply']++
        else if (line.status === 'missing' || line.status === 'differs') {
          if (!this.#accepted.has(line.setting)) counts['settings missing or differing']++
        }
        return
      case 'extra':
        counts.extra++
        return
      case 'bucket':
        counts.missing++
        return
      case 'unfinished upload':
        counts['unfinished uploads']++
        return
      case 'upload':
        return
    }
  }

  /** Whether everything of the source is at the target as it was. */
  get isWhole(): boolean {
    const { missing, differing, 'settings missing or differing': settings } = this.counts
    return missing + differing + settings + this.counts['would copy'] + this.counts['settings to apply'] === 0
  }
}
