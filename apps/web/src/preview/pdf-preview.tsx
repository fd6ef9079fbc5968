import Box from '@mui/material/Box'
import { useQuery } from '@tanstack/react-query'
import { getDocument, GlobalWorkerOptions, type PDFDocumentProxy } from 'pdfjs-dist'
// oxlint-disable-next-line import/default -- as Vite has it
import workerUrl from 'pdfjs-dist/build/pdf.worker.min.mjs?url'
import { type ReactElement, useEffect } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { Loading } from './loading.tsx'
import { NoPreview } from './no-preview.tsx'
import { objectUrl } from './object-url.ts'
import { PdfPage } from './pdf-page.tsx'
import { PreviewProblem } from './preview-problem.tsx'
import type { PreviewProps } from './preview-props.ts'

GlobalWorkerOptions.workerSrc = workerUrl

/** Beyond it the page would become slow. */
const MAX_PAGES = 1_000

/** Bytes that are fetched at once: a page of a large file is there before the rest. */
const CHUNK = 262_144

/** Drawn by pdf.js on canvases: scripts and forms in the file do nothing. */
export function PdfPreview({ bucket, file, onDownload }: PreviewProps): ReactElement {
  const { api } = useApp()
  const { key, lastModified, name } = file
  const query = useQuery({
    queryKey: [KEYS.preview, bucket, key, lastModified],
    queryFn: async ({ signal }) => {
      const url = await objectUrl(api, { bucket, key }, signal)
      const task = getDocument({ url, rangeChunkSize: CHUNK, disableAutoFetch: true, enableXfa: false, verbosity: 0 })
      signal.addEventListener('abort', () => void task.destroy())
      try {
        const document = await task.promise
        return { document, first: (await document.getPage(1)).getViewport({ scale: 1 }) }
      } catch (error) {
        if (error instanceof Error && /^(InvalidPDF|Password|Format)/.test(error.name)) return { broken: error.name }
        throw error
      }
    },
    staleTime: Infinity,
    gcTime: 0,
    retry: false,
  })
  useClosed(query.data?.document)
  if (query.isError) return <PreviewProblem error={query.error} onRetry={() => void query.refetch()} />
  if (!query.data) return <Loading />
  const { document, first, broken } = query.data
  if (document === undefined) {
    const reason = broken.startsWith('Password') ? 'This PDF asks for a password.' : 'This file is not a valid PDF.'
    return <NoPreview reason={reason} onDownload={onDownload} />
  }
  const pages = Math.min(document.numPages, MAX_PAGES)
  return (
    <Box
      tabIndex={0}
      role="region"
      aria-label={`Pages of ${name}`}
      sx={{ flex: 1, minHeight: 0, overflow: 'auto', p: { xs: 1, md: 3 } }}
    >
      {Array.from({ length: pages }, (_, index) => (
        <PdfPage key={index} document={document} number={index + 1} ratio={first.width / first.height} />
      ))}
      {document.numPages > pages && <Box>Download the file to see its other pages.</Box>}
    </Box>
  )
}

/** Ends the worker with the preview. */
function useClosed(document: PDFDocumentProxy | undefined): void {
  useEffect(() => {
    if (!document) return undefined
    return () => void document.loadingTask.destroy()
  }, [document])
}
