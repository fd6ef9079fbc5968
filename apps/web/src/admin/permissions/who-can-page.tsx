import FolderOutlined from '@mui/icons-material/FolderOutlined'
import ManageSearch from '@mui/icons-material/ManageSearch'
import Box from '@mui/material/Box'
import Breadcrumbs from '@mui/material/Breadcrumbs'
import List from '@mui/material/List'
import ListItemButton from '@mui/material/ListItemButton'
import ListItemIcon from '@mui/material/ListItemIcon'
import ListItemText from '@mui/material/ListItemText'
import Paper from '@mui/material/Paper'
import Skeleton from '@mui/material/Skeleton'
import Typography from '@mui/material/Typography'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { toWhoCan } from '../../paths.ts'
import { Empty } from '../../ui/empty.tsx'
import { SearchInput } from '../../ui/form/search-input.tsx'
import { Page } from '../../ui/page.tsx'
import { ProblemAlert } from '../../ui/problem-alert.tsx'
import { RouterLink } from '../../ui/router-link.tsx'
import { usePageSearch } from '../../ui/use-page-search.ts'
import { searchBuckets } from './choices.ts'
import { foldersQuery } from './permission-queries.ts'
import { PermissionTabs } from './permission-tabs.tsx'
import { parseWhoCanSearch } from './who-can-search.ts'
import { WhoCanTable } from './who-can-table.tsx'

/** Who may read, write, delete and list at a place: bucket by bucket, folder by folder. */
export function WhoCanPage(): ReactElement {
  const { api } = useApp()
  const [{ bucket, prefix = '' }, setSearch] = usePageSearch(parseWhoCanSearch)
  return (
    <Page title="Permissions" description="Choose a bucket and a folder to see who has access and why.">
      <PermissionTabs value="who-can" />
      <Box sx={{ maxWidth: 360, mb: 2, flexShrink: 0 }}>
        <SearchInput
          id="who-can-bucket"
          label="Bucket"
          size="small"
          multiple={false}
          value={bucket === undefined ? null : { id: bucket, label: bucket }}
          onChange={(choice) => setSearch(choice === null ? {} : { bucket: choice.id })}
          queryKey={KEYS.buckets}
          search={(text, signal) => searchBuckets(api, text, signal)}
          freeText
        />
      </Box>
      {bucket === undefined ? (
        <Empty icon={ManageSearch} title="Choose a bucket" />
      ) : (
        <Box
          sx={{
            display: 'grid',
            gap: 2,
            gridTemplateColumns: { xs: '1fr', md: 'minmax(220px, 300px) 1fr' },
            alignItems: 'start',
            flexShrink: 0,
          }}
        >
          <Folders bucket={bucket} prefix={prefix} />
          <WhoCanTable key={`${bucket}/${prefix}`} bucket={bucket} prefix={prefix} />
        </Box>
      )}
    </Page>
  )
}

function Folders({ bucket, prefix }: { readonly bucket: string; readonly prefix: string }): ReactElement {
  const { api } = useApp()
  const { data, error, isPending, refetch } = useQuery(foldersQuery(api, bucket, prefix))
  const above = prefix.split('/').slice(0, -1)
  return (
    <Paper variant="outlined" component="section" aria-label="Folders" sx={{ p: 1 }}>
      <Breadcrumbs sx={{ px: 1, py: 0.5, '& li': { overflowWrap: 'anywhere' } }} maxItems={6}>
        <RouterLink {...toWhoCan({ bucket })} underline="hover">
          {bucket}
        </RouterLink>
        {above.map((name, i) => (
          <RouterLink
            key={above.slice(0, i + 1).join('/')}
            {...toWhoCan({ bucket, prefix: `${above.slice(0, i + 1).join('/')}/` })}
            underline="hover"
          >
            {name}
          </RouterLink>
        ))}
      </Breadcrumbs>
      {isPending && <Skeleton height={40} />}
      {error && <ProblemAlert error={error} onRetry={() => void refetch()} />}
      {data && (
        <List dense disablePadding>
          {data.map((folder) => (
            <ListItemButton key={folder} component={Link} {...toWhoCan({ bucket, prefix: folder })}>
              <ListItemIcon sx={{ minWidth: 32 }}>
                <FolderOutlined fontSize="small" />
              </ListItemIcon>
              <ListItemText primary={folder.slice(prefix.length)} sx={{ overflowWrap: 'anywhere' }} />
            </ListItemButton>
          ))}
        </List>
      )}
      {data?.length === 0 && (
        <Typography variant="body2" color="textSecondary" sx={{ px: 1, py: 0.5 }}>
          No folder in here has permissions of its own.
        </Typography>
      )}
    </Paper>
  )
}
