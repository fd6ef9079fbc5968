import type { Buckets } from '@skycrate/contract/objects/schemas'

type Bucket = Buckets['buckets'][number]

/** The buckets of the pages that were fetched; one that goes on with the next page is joined again. */
export function bucketsOf(pages: readonly Buckets[]): Bucket[] {
  const joined: Bucket[] = []
  for (const bucket of pages.flatMap((page) => page.buckets)) {
    const last = joined.at(-1)
    if (last?.store === bucket.store && last.bucket === bucket.bucket) {
      joined[joined.length - 1] = { ...bucket, locations: [...last.locations, ...bucket.locations] }
    } else joined.push(bucket)
  }
  return joined
}
