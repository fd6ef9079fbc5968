import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Skeleton from '@mui/material/Skeleton'
import Typography from '@mui/material/Typography'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { BucketDetail } from '@skycrate/contract/buckets/schemas'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { type ReactElement, useEffect, useEffectEvent, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { formatTime } from '../../format/format-time.ts'
import { toBuckets, toHomes } from '../../paths.ts'
import { QuotaDialog } from '../../quotas/quota-dialog.tsx'
import { Page } from '../../ui/page.tsx'
import { nameOf } from '../../ui/name-of.ts'
import { type NamedPrincipal, PrincipalName } from '../../ui/principal-name.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { RefreshButton } from '../../ui/refresh-button.tsx'
import { RouterLink } from '../../ui/router-link.tsx'
import { bucketQuery, jobQuery } from './bucket-queries.ts'
import { BUCKET_KINDS, BUCKET_STATES } from './bucket-words.ts'
import { ContentsSection } from './contents-section.tsx'
import { DeleteBucketDialog } from './delete-bucket-dialog.tsx'
import { DeliverySection } from './delivery-section.tsx'
import { InventorySection } from './inventory-section.tsx'
import { JobProgress } from './job-progress.tsx'
import { Lines, Section } from './section.tsx'
import { SettingsSection } from './settings-section.tsx'
import { StateChip } from './state-chip.tsx'
import { StepsSection } from './steps-section.tsx'

export function BucketPage(): ReactElement {
  const { api, queries, toasts } = useApp()
  const navigate = useNavigate()
  const { store = '', name = '' } = useParams({ strict: false }) as { store?: string; name?: string }
  const query = useQuery(bucketQuery(api, store, name))
  const [deleting, setDeleting] = useState(false)
  // A small bucket may be gone before its state is seen.
  const [isEnding, setIsEnding] = useState(false)
  const [quota, setQuota] = useState(false)
  const bucket = query.data
  // What was being deleted is gone once the API does not know it any more.
  const isGone =
    (isEnding || bucket?.state === 'deleting') && query.error instanceof SkyCrateError && query.error.status === 404
  const leave = useEffectEvent(() => {
    toasts.show(`Deleted ${name}`)
    void queries.invalidateQueries({ queryKey: [KEYS.buckets, 'list'] })
    void navigate(toBuckets())
  })
  useEffect(() => {
    if (isGone) leave()
  }, [isGone])
  const mayDelete = bucket !== undefined && bucket.kind !== 'home' && bucket.kind !== 'library'
  return (
    <Page
      title={name}
      heading={
        <>
          <Typography variant="body2" component="div">
            <RouterLink {...toBuckets()}>Buckets</RouterLink>
          </Typography>
          <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, minWidth: 0 }}>
            <Typography variant="h1" sx={{ overflowWrap: 'anywhere', minWidth: 0 }}>
              {name}
            </Typography>
            {bucket !== undefined && <StateChip state={BUCKET_STATES[bucket.state]} />}
          </Box>
        </>
      }
      actions={
        <Box sx={{ display: 'flex', gap: 1, alignItems: 'center' }}>
          <RefreshButton query={query} />
          {bucket?.state === 'ready' && <Button onClick={() => setQuota(true)}>Quota…</Button>}
          {mayDelete && (
            <Button color="error" onClick={() => setDeleting(true)} disabled={bucket.state === 'deleting'}>
              Delete…
            </Button>
          )}
        </Box>
      }
    >
      {query.isError && !isGone && <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton variant="rounded" height={240} />}
      {bucket !== undefined && !query.isError && <Sections bucket={bucket} />}
      {quota && bucket !== undefined && (
        <QuotaDialog of={{ kind: 'bucket', id: bucket.name, name: bucket.name }} onClose={() => setQuota(false)} />
      )}
      {deleting && bucket !== undefined && (
        <DeleteBucketDialog
          bucket={bucket}
          onDone={(isGone) => {
            if (isGone) return void navigate(toBuckets())
            setIsEnding(true)
            void query.refetch()
          }}
          onClose={() => setDeleting(false)}
        />
      )}
    </Page>
  )
}

function Sections({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const isThere = bucket.state === 'ready' || bucket.state === 'deleting'
  const showsSteps = !isThere && !bucket.adopted
  return (
    <>
      {bucket.state === 'deleting' && <Deleting bucket={bucket} />}
      <Box
        sx={{
          display: 'grid',
          gap: 2,
          gridTemplateColumns: { xs: 'minmax(0, 1fr)', lg: 'minmax(0, 1fr) minmax(0, 1fr)' },
          alignItems: 'start',
          pb: 2,
        }}
      >
        {showsSteps && <StepsSection bucket={bucket} />}
        {isThere && <SettingsSection bucket={bucket} />}
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, minWidth: 0 }}>
          <Overview bucket={bucket} />
          {isThere && <ContentsSection bucket={bucket} />}
          {bucket.state === 'ready' && <InventorySection bucket={bucket} />}
          {isThere && <DeliverySection bucket={bucket} />}
          <Access bucket={bucket} />
          {bucket.homesTotal > 0 && <HomesIn bucket={bucket} />}
        </Box>
      </Box>
    </>
  )
}

function Overview({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { store, kind, region, adopted, userId, userName, createdAt } = bucket
  return (
    <Section title="Bucket">
      <Lines
        rows={[
          { key: 'kind', first: 'Kind', last: BUCKET_KINDS[kind] },
          ...(userId === null ? [] : [{ key: 'user', first: 'Created for', last: userName ?? nameOf({ id: userId }) }]),
          { key: 'region', first: 'Region', last: region ?? 'Unknown' },
          { key: 'store', first: 'Store', last: store },
          { key: 'since', first: adopted ? 'Registered' : 'Created', last: formatTime(createdAt) },
        ]}
      />
    </Section>
  )
}

function Access({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { permissions, permissionsTotal } = bucket
  const more = permissionsTotal - permissions.length
  return (
    <Section title={`Who may use it (${permissionsTotal})`}>
      {permissions.length === 0 && (
        <Typography variant="body2" color="textSecondary">
          Nobody: there is no permission on this bucket.
        </Typography>
      )}
      <Lines
        rows={permissions.map((permission) => ({
          key: permission.id,
          first: (
            <>
              <PrincipalName principal={principalOf(permission)} />
              <Typography variant="caption" color="textSecondary" component="div">
                {permission.prefix === '' ? 'The whole bucket' : permission.prefix}
              </Typography>
            </>
          ),
          last: (
            <>
              {permission.actions.join(', ')}
              {permission.expiresAt !== null && (
                <Typography variant="caption" color="textSecondary" component="div">
                  until {formatTime(permission.expiresAt)}
                </Typography>
              )}
            </>
          ),
        }))}
      />
      {more > 0 && (
        <Typography variant="body2" color="textSecondary">
          And {more.toLocaleString()} more.
        </Typography>
      )}
    </Section>
  )
}

function principalOf({ kind, principal, principalName }: BucketDetail['permissions'][number]): NamedPrincipal {
  switch (kind) {
    case 'user':
      return { kind, person: { id: principal, name: principalName === principal ? null : principalName } }
    case 'group':
      return { kind, group: principal }
    case 'everyone':
    case 'guest':
      return { kind }
  }
}

function HomesIn({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { homes, homesTotal, name } = bucket
  return (
    <Section title={`Homes (${homesTotal})`} action={<RouterLink {...toHomes({ search: name })}>All</RouterLink>}>
      <Lines
        rows={homes.slice(0, 20).map(({ userId, userName, prefix }) => ({
          key: userId,
          first: userName === userId ? nameOf({ id: userId }) : userName,
          last: prefix === '' ? 'The whole bucket' : prefix,
        }))}
      />
    </Section>
  )
}

function Deleting({ bucket }: { readonly bucket: BucketDetail }): ReactElement {
  const { api } = useApp()
  const { jobId } = bucket
  const { data: job } = useQuery({ ...jobQuery(api, jobId ?? ''), enabled: jobId !== null })
  return (
    <Alert severity="warning" variant="outlined" sx={{ mb: 2, '& .MuiAlert-message': { flex: 1 } }}>
      The bucket and all its contents are being deleted.
      {job !== undefined && <JobProgress job={job} what="deleted" />}
    </Alert>
  )
}
