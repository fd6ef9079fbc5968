import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import { useQuery } from '@tanstack/react-query'
import { lazy, type ReactElement, Suspense } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { decodeText } from './decode-text.ts'
import { Loading } from './loading.tsx'
import { NoPreview } from './no-preview.tsx'
import { fetchStart } from './object-url.ts'
import { PreviewProblem } from './preview-problem.tsx'
import type { PreviewProps } from './preview-props.ts'
import { extensionOf } from './preview-kind.ts'

const CodeText = lazy(() => import('./code-text.tsx').then((module) => ({ default: module.CodeText })))
const CsvTable = lazy(() => import('./csv-table.tsx').then((module) => ({ default: module.CsvTable })))
const MarkdownText = lazy(() => import('./markdown-text.tsx').then((module) => ({ default: module.MarkdownText })))

/** Bytes of a text that are shown. */
const TEXT_LIMIT = 512_000

interface TextFileProps extends PreviewProps {
  readonly kind: 'markdown' | 'csv' | 'text'
}

export function TextFile({ bucket, file, kind, onDownload }: TextFileProps): ReactElement {
  const { api } = useApp()
  const { key, size, lastModified, name } = file
  const query = useQuery({
    queryKey: [KEYS.preview, bucket, key, lastModified],
    queryFn: async ({ signal }) => {
      const { bytes, cut } = await fetchStart(api, { bucket, key, size }, TEXT_LIMIT, signal)
      return { text: decodeText(bytes, cut), cut }
    },
    staleTime: Infinity,
    gcTime: 0,
  })
  if (query.isError) return <PreviewProblem error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const { text, cut } = query.data
  if (text === undefined) return <NoPreview onDownload={onDownload} />
  if (text === '') return <NoPreview reason="This file is empty." onDownload={onDownload} />
  return (
    <>
      {cut && (
        <Alert severity="info" sx={{ m: 2, mb: 0, flexShrink: 0 }}>
          Only the first {formatBytes(TEXT_LIMIT)} are shown. Download the file to see all of it.
        </Alert>
      )}
      <Box
        // What is wider or longer than the window is reached by keys.
        tabIndex={0}
        role="region"
        aria-label={`Contents of ${name}`}
        sx={{
          flex: 1,
          minHeight: 0,
          overflow: 'auto',
          m: { xs: 1, md: 2 },
          p: { xs: 1.5, md: 3 },
          border: 1,
          borderColor: 'divider',
          borderRadius: 1,
          bgcolor: 'background.paper',
        }}
      >
        <Suspense fallback={<Loading />}>
          {kind === 'markdown' ? (
            <MarkdownText text={text} />
          ) : kind === 'csv' ? (
            <CsvTable text={text} cut={cut} delimiter={extensionOf(name) === 'tsv' ? '\t' : undefined} />
          ) : (
            <CodeText text={text} extension={extensionOf(name)} />
          )}
        </Suspense>
      </Box>
    </>
  )
}
