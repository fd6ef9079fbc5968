import Refresh from '@mui/icons-material/Refresh'
import IconButton from '@mui/material/IconButton'
import Tooltip from '@mui/material/Tooltip'
import type { ReactElement } from 'react'

interface RefreshButtonProps {
  readonly query: { readonly isRefetching: boolean; refetch(): Promise<unknown> }
}

export function RefreshButton({ query }: RefreshButtonProps): ReactElement {
  return (
    <Tooltip title="Refresh">
      <IconButton aria-label="Refresh" loading={query.isRefetching} onClick={() => void query.refetch()}>
        <Refresh />
      </IconButton>
    </Tooltip>
  )
}
