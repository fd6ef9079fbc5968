import { useQuery } from '@tanstack/react-query'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { extensionOf } from '../preview/preview-kind.ts'
import type { Entry } from './entry.ts'

/** What the server makes thumbnails of. */
const PICTURES = new Set('jpg jpeg jfif png gif webp avif tif tiff'.split(' '))

/** Milliseconds after which is asked again for what is being made. */
const AGAIN = 1_500

/** Shorter than the URLs live. */
const FRESH = 10 * 60_000

/** Where the pictures of some files are, by key; those that are being made come when they are there. */
export function useThumbnails(
  bucket: string,
  entries: readonly Entry[],
  enabled: boolean,
): ReadonlyMap<string, string> {
  const { api } = useApp()
  const pictures = entries.flatMap((entry) =>
    entry.kind === 'file' && PICTURES.has(extensionOf(entry.name)) ? [{ key: entry.key, etag: entry.etag }] : [],
  )
  const { data } = useQuery({
    queryKey: [KEYS.preview, 'thumbnails', bucket, pictures],
    queryFn: async ({ signal }) => {
      const { thumbnails } = await api.request('thumbnails', { body: { bucket, objects: pictures } }, { signal })
      return {
        urls: new Map(
          thumbnails.flatMap((each, index) =>
            'state' in each && each.state === 'ready' ? [[pictures[index]?.key ?? '', each.url] as const] : [],
          ),
        ),
        pending: thumbnails.some((each) => 'state' in each && each.state === 'pending'),
      }
    },
    enabled: enabled && pictures.length > 0,
    staleTime: FRESH,
    refetchInterval: (query) => (query.state.data?.pending ? AGAIN : false),
  })
  return data?.urls ?? NONE
}

const NONE: ReadonlyMap<string, string> = new Map()
