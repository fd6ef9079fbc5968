import Box from '@mui/material/Box'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { Loading } from './loading.tsx'
import { NoPreview } from './no-preview.tsx'
import { fetchStart, objectUrl } from './object-url.ts'
import { PreviewProblem } from './preview-problem.tsx'
import type { PreviewProps } from './preview-props.ts'

/** Bytes: a drawing that is larger would keep the browser busy. */
const SVG_LIMIT = 5_000_000

interface MediaPreviewProps extends PreviewProps {
  readonly kind: 'image' | 'svg' | 'video' | 'audio'
}

const FILL = { maxWidth: '100%', maxHeight: '100%', m: 'auto', minHeight: 0 } as const

/** What the browser shows by itself, straight from the store. In an `img` no script of an SVG runs. */
export function MediaPreview({ bucket, file, kind, onDownload }: MediaPreviewProps): ReactElement {
  const { api } = useApp()
  const { key, size, lastModified, name } = file
  const [failed, setFailed] = useState(false)
  const tooLarge = kind === 'svg' && size > SVG_LIMIT
  const query = useQuery({
    queryKey: [KEYS.preview, bucket, key, lastModified],
    queryFn: async ({ signal }) =>
      kind === 'svg'
        ? new Blob([(await fetchStart(api, { bucket, key, size }, SVG_LIMIT, signal)).bytes], { type: 'image/svg+xml' })
        : objectUrl(api, { bucket, key }, signal),
    enabled: !tooLarge,
    staleTime: Infinity,
    gcTime: 0,
  })
  const source = useSource(query.data)
  if (tooLarge) return <NoPreview reason="This drawing is too large for a preview." onDownload={onDownload} />
  if (query.isError) return <PreviewProblem error={query.error} onRetry={() => void query.refetch()} />
  if (failed) return <NoPreview reason="Your browser cannot show this file." onDownload={onDownload} />
  if (source === undefined) return <Loading />
  const onError = (): void => setFailed(true)
  return (
    <Box sx={{ flex: 1, minHeight: 0, display: 'flex', p: { xs: 1, md: 3 } }}>
      {kind === 'video' ? (
        <Box component="video" src={source} controls aria-label={name} onError={onError} sx={FILL} />
      ) : kind === 'audio' ? (
        <Box
          component="audio"
          src={source}
          controls
          aria-label={name}
          onError={onError}
          sx={{ m: 'auto', width: 480 }}
        />
      ) : (
        <Box
          component="img"
          src={source}
          alt={name}
          onError={onError}
          // A drawing without a size of its own would not be seen.
          sx={{ ...FILL, objectFit: 'contain', ...(kind === 'svg' && { width: 1, height: 1, bgcolor: '#fff' }) }}
        />
      )}
    </Box>
  )
}

/** An address for what is there as bytes, as long as it is shown. */
function useSource(data: string | Blob | undefined): string | undefined {
  const [made, setMade] = useState<string>()
  useEffect(() => {
    if (!(data instanceof Blob)) return undefined
    const url = URL.createObjectURL(data)
    setMade(url)
    return () => URL.revokeObjectURL(url)
  }, [data])
  return typeof data === 'string' ? data : data && made
}
