import type { Home } from '@skycrate/contract/home/schemas'
import type { StepName, StepRecord } from './bucket-records.ts'
import type { HomeRecord } from './home-records.ts'

const ORDER: readonly StepName[] = [
  'create',
  'public-access-block',
  'encryption',
  'ownership-controls',
  'versioning',
  'cors',
  'lifecycle',
  'tags',
  'tls-only-policy',
]

/** A ready home as the API shows it, its steps in the order in which they are done. */
export function toHome(record: HomeRecord, steps: readonly StepRecord[]): Home {
  return {
    bucket: record.bucket,
    prefix: record.prefix,
    region: record.region,
    state: 'ready',
    layout: record.layout,
    steps: steps
      .toSorted((a, b) => ORDER.indexOf(a.step) - ORDER.indexOf(b.step))
      .map(({ step, outcome, reason }) => ({ step, outcome, reason })),
  }
}
