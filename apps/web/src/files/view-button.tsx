import GridViewOutlined from '@mui/icons-material/GridViewOutlined'
import ViewListOutlined from '@mui/icons-material/ViewListOutlined'
import IconButton from '@mui/material/IconButton'
import type { ReactElement } from 'react'
import { useRemembered } from '../ui/use-remembered.ts'

export type View = 'list' | 'grid'

/** How this browser shows folders. */
export function useView(): [view: View, change: (view: View) => void] {
  const [view, setView] = useRemembered('skycrate.view', 'list')
  return [view === 'grid' ? 'grid' : 'list', setView]
}

interface ViewButtonProps {
  readonly view: View
  readonly onChange: (view: View) => void
}

export function ViewButton({ view, onChange }: ViewButtonProps): ReactElement {
  const label = view === 'grid' ? 'Show as a list' : 'Show as pictures'
  return (
    <IconButton title={label} aria-label={label} onClick={() => onChange(view === 'grid' ? 'list' : 'grid')}>
      {view === 'grid' ? <ViewListOutlined /> : <GridViewOutlined />}
    </IconButton>
  )
}
