import Alert from '@mui/material/Alert'
import Button from '@mui/material/Button'
import Link from '@mui/material/Link'
import Typography from '@mui/material/Typography'
import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import type { InventoryFiles } from '@skycrate/contract/storage/inventory-schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { counted } from '../../format/counted.ts'
import { formatBytes } from '../../format/format-bytes.ts'
import { formatTime } from '../../format/format-time.ts'
import { isUnderWay } from '../../jobs/job-queries.ts'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { QueryState } from '../../ui/query-state.tsx'
import { inventoryQuery, jobQuery } from './bucket-queries.ts'
import { InventoryDialog } from './inventory-dialog.tsx'
import { JobProgress } from './job-progress.tsx'
import { Lines, Section } from './section.tsx'

const GUIDE = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html'

/** How the bucket is counted for the Storage pages: by a listing or by files of S3 Inventory. */
export function InventorySection({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { api, queries } = useApp()
  const { store, name } = bucket
  const query = useQuery(inventoryQuery(api, store, name))
  const [jobId, setJobId] = useState<string>()
  const [changing, setChanging] = useState(false)
  const counting = useMutation({
    mutationFn: () => api.request('takeInventory', { body: { store, bucket: name } }),
    onSuccess: ({ id }) => setJobId(id),
  })
  const { data: job } = useQuery({ ...jobQuery(api, jobId ?? ''), enabled: jobId !== undefined })
  const isCounting = job !== undefined && isUnderWay(job)
  const hasEnded = job !== undefined && !isCounting
  useEffect(() => {
    if (!hasEnded) return
    for (const key of [KEYS.storage, KEYS.buckets]) void queries.invalidateQueries({ queryKey: [key] })
  }, [hasEnded, queries])
  return (
    <Section
      title="Daily count"
      action={
        <Button size="small" loading={counting.isPending || isCounting} onClick={() => counting.mutate()}>
          Count now
        </Button>
      }
    >
      {counting.isError && <ProblemAlert error={counting.error} />}
      {job !== undefined && job.state !== 'done' && <JobProgress job={job} what="counted" />}
      <QueryState query={query}>
        {(files) => (
          <>
            <Told files={files} onChange={() => setChanging(true)} />
            {changing && <InventoryDialog store={store} name={name} files={files} onClose={() => setChanging(false)} />}
          </>
        )}
      </QueryState>
    </Section>
  )
}

function Told({ files, onChange }: { readonly files: InventoryFiles; readonly onChange: () => void }): ReactElement {
  const { location, latest, problem, readManifest, counted: last } = files
  return (
    <>
      {problem !== null && (
        <Alert severity="warning" variant="outlined" sx={{ mb: 1, overflowWrap: 'anywhere' }}>
          {problem} Until you fix this, the numbers of the last count stay.
        </Alert>
      )}
      <Lines
        rows={[
          {
            key: 'counted',
            first: 'Last count',
            last: last === null ? 'None yet' : `${formatTime(last.countedAt)}, ${SOURCES[last.source]}`,
          },
          ...(last === null
            ? []
            : [{ key: 'difference', first: 'Difference to the count before', last: differenceOf(last.difference) }]),
          {
            key: 'files',
            first: (
              <>
                Inventory files
                <Typography variant="caption" color="textSecondary" component="div">
                  {location === null ? 'None: SkyCrate lists the bucket' : `${location.bucket}/${location.prefix}`}
                </Typography>
              </>
            ),
            last: (
              <Button size="small" onClick={onChange}>
                {location === null ? 'Use files' : 'Change'}
              </Button>
            ),
          },
          ...(location === null
            ? []
            : [
                {
                  key: 'latest',
                  first: 'Latest delivery',
                  last:
                    latest === null
                      ? 'None that is complete'
                      : `${formatTime(latest.createdAt)}, ${latest.format}, ${counted(latest.files, 'file')}, ${formatBytes(latest.bytes)}`,
                },
                {
                  key: 'manifest',
                  first: (
                    <>
                      Manifest counted last
                      <Typography variant="caption" color="textSecondary" component="div">
                        {readManifest ?? 'None yet'}
                      </Typography>
                    </>
                  ),
                  last: readManifest !== null && readManifest === latest?.manifest ? 'Up to date' : '',
                },
              ]),
        ]}
      />
      <Typography variant="body2" color="textSecondary" sx={{ mt: 1 }}>
        {location === null ? (
          <>
            For a bucket with millions of objects on Amazon S3,{' '}
            <Link href={GUIDE} target="_blank" rel="noreferrer">
              set up an S3 Inventory
            </Link>{' '}
            in Parquet or CSV with the fields Size, LastModifiedDate, StorageClass and ETag. Then say here where its
            files lie: counting takes fewer requests.
          </>
        ) : latest === null && problem === null ? (
          'S3 delivers the first files within 48 hours. Until then SkyCrate lists the bucket.'
        ) : (
          'SkyCrate looks for new files every hour.'
        )}
      </Typography>
    </>
  )
}

const SOURCES = { listing: 'from a listing', 's3-inventory': 'from inventory files' } as const

const signed = (value: number, text: string): string => (value > 0 ? `+${text}` : value < 0 ? `−${text}` : text)

function differenceOf({ objects, bytes }: { readonly objects: number; readonly bytes: number }): string {
  if (objects === 0 && bytes === 0) return 'None'
  return `${signed(objects, counted(Math.abs(objects), 'object'))}, ${signed(bytes, formatBytes(Math.abs(bytes)))}`
}
