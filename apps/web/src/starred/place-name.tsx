import FolderRounded from '@mui/icons-material/FolderRounded'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Box from '@mui/material/Box'
import { useQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { homeQuery } from '../data/queries.ts'
import { usePathName } from '../data/use-path-name.ts'
import { shownName } from '../format/shown-name.ts'
import { RouterLink } from '../ui/router-link.tsx'
import { TwoLines } from '../ui/two-lines.tsx'
import { placeLink } from './place-link.ts'

interface PlaceNameProps {
  readonly place: { readonly bucket: string; readonly key: string; readonly name: string }
}

/** A file or a folder anywhere: its name, which opens it, and where it is. */
export function PlaceName({ place }: PlaceNameProps): ReactElement {
  const { bucket, key, name } = place
  const { api } = useApp()
  const home = useQuery(homeQuery(api)).data
  const pathName = usePathName()
  const isFolder = key === '' || key.endsWith('/')
  const parent = key.slice(0, key.lastIndexOf('/', key.length - 2) + 1)
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, minWidth: 0 }}>
      {isFolder ? (
        <FolderRounded sx={{ color: 'primary.main', opacity: 0.85 }} />
      ) : (
        <InsertDriveFileOutlined sx={{ color: 'text.secondary' }} />
      )}
      <Box sx={{ minWidth: 0 }}>
        <TwoLines
          first={
            <RouterLink {...placeLink(home, place, true)} color="inherit" underline="hover" title={shownName(name)}>
              {shownName(name)}
            </RouterLink>
          }
          second={key === '' ? '' : pathName(bucket, parent)}
        />
      </Box>
    </Box>
  )
}
