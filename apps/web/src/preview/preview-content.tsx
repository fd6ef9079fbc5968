import { lazy, type ReactElement, Suspense } from 'react'
import { Loading } from './loading.tsx'
import { MediaPreview } from './media-preview.tsx'
import { NoPreview } from './no-preview.tsx'
import { previewKind } from './preview-kind.ts'
import type { PreviewProps } from './preview-props.ts'
import { TextFile } from './text-file.tsx'

const PdfPreview = lazy(() => import('./pdf-preview.tsx').then((module) => ({ default: module.PdfPreview })))

/** What a file looks like. Whatever it holds, nothing of it runs: see docs/security.md. */
export function PreviewContent(props: PreviewProps): ReactElement {
  const kind = previewKind(props.file.name)
  switch (kind) {
    case 'image':
    case 'svg':
    case 'video':
    case 'audio':
      return <MediaPreview kind={kind} {...props} />
    case 'pdf':
      return (
        <Suspense fallback={<Loading />}>
          <PdfPreview {...props} />
        </Suspense>
      )
    case 'markdown':
    case 'csv':
    case 'text':
      return <TextFile kind={kind} {...props} />
    case 'unknown':
      return <NoPreview onDownload={props.onDownload} />
  }
}
