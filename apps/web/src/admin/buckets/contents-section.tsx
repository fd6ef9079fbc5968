import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { counted } from '../../format/counted.ts'
import { formatBytes } from '../../format/format-bytes.ts'
import { formatTime } from '../../format/format-time.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { jobQuery } from './bucket-queries.ts'
import { JobProgress } from './job-progress.tsx'
import { RetentionDialog } from './retention-dialog.tsx'
import { Lines, Section } from './section.tsx'

/** What the bucket holds, as far as it was counted. */
export function ContentsSection({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { api, queries } = useApp()
  const { store, name, contents } = bucket
  const [jobId, setJobId] = useState<string>()
  const [changing, setChanging] = useState(false)
  const counting = useMutation({
    mutationFn: () => api.request('countBucket', { params: { store, name } }),
    onSuccess: ({ id }) => setJobId(id),
  })
  const { data: job } = useQuery({ ...jobQuery(api, jobId ?? ''), enabled: jobId !== undefined })
  const isDone = job?.state === 'done'
  useEffect(() => {
    if (isDone) void queries.invalidateQueries({ queryKey: [KEYS.buckets] })
  }, [isDone, queries])
  const isCounting = job?.state === 'queued' || job?.state === 'running'
  const days = bucket.retentionDays ?? bucket.defaultRetentionDays
  return (
    <Section
      title="Contents"
      action={
        bucket.state === 'ready' && (
          <Button size="small" loading={counting.isPending || isCounting} onClick={() => counting.mutate()}>
            {contents === null ? 'Count' : 'Count again'}
          </Button>
        )
      }
    >
      {counting.isError && <ProblemAlert error={counting.error} />}
      {job !== undefined && !isDone && <JobProgress job={job} what="counted" />}
      {contents === null ? (
        !isCounting && (
          <Typography variant="body2" color="textSecondary" sx={{ mb: 1 }}>
            Not counted yet.
          </Typography>
        )
      ) : (
        <Lines
          rows={[
            {
              key: 'objects',
              first: counted(contents.objects, 'object'),
              last: formatBytes(contents.bytes),
            },
            {
              key: 'old',
              first: counted(contents.oldVersions, 'old version'),
              last: formatBytes(contents.oldBytes),
            },
            { key: 'markers', first: 'Delete markers', last: contents.deleteMarkers.toLocaleString() },
            { key: 'uploads', first: 'Unfinished uploads', last: contents.unfinishedUploads.toLocaleString() },
            { key: 'at', first: 'Counted', last: formatTime(contents.countedAt) },
          ]}
        />
      )}
      <Lines
        rows={[
          {
            key: 'retention',
            first: `Old versions are kept for ${counted(days, 'day')}`,
            last: bucket.state === 'ready' && (
              <Button size="small" onClick={() => setChanging(true)}>
                Change
              </Button>
            ),
          },
        ]}
      />
      {changing && <RetentionDialog bucket={bucket} onClose={() => setChanging(false)} />}
    </Section>
  )
}
