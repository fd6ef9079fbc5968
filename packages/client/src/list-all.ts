import type { ObjectList } from '@skycrate/contract/objects/schemas'
import type { RouteQuery } from './route-types.ts'

type ListQuery = RouteQuery<'listObjects'>

export type ListEntry =
  | ({ readonly kind: 'object' } & ObjectList['objects'][number])
  | { readonly kind: 'folder'; readonly prefix: string }

/** Yields each page's folders, then its objects, and asks for the next page only when the one before is consumed. */
export async function* listAll(
  listPage: (query: ListQuery) => Promise<ObjectList>,
  query: ListQuery,
): AsyncGenerator<ListEntry, void> {
  let cursor = query.cursor
  do {
    const page = await listPage({ ...query, cursor })
    for (const prefix of page.prefixes) yield { kind: 'folder', prefix }
    for (const object of page.objects) yield { kind: 'object', ...object }
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
}
