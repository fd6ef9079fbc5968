import Box from '@mui/material/Box'
import MuiLink from '@mui/material/Link'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { RouterLink } from '../ui/router-link.tsx'
import type { Entry, FileEntry } from './entry.ts'
import { shownName } from '../format/shown-name.ts'

interface EntryLinkProps {
  readonly entry: Entry
  readonly linkTo: (prefix: string) => LinkProps
  /** Undefined where the person may not read it. */
  readonly onOpen: ((file: FileEntry) => void) | undefined
  readonly variant: 'body1' | 'body2'
  /** 0 where a name that opens nothing takes the focus too. */
  readonly tabIndex?: 0
  readonly sx?: object
}

const NAME = {
  display: 'block',
  minWidth: 0,
  maxWidth: '100%',
  // Spaces at the ends of a name and runs of them are part of it.
  whiteSpace: 'pre',
  overflow: 'hidden',
  textOverflow: 'ellipsis',
  textAlign: 'left',
} as const

/** The name of an entry: opens a folder, or shows a file. */
export function EntryLink({ entry, linkTo, onOpen, variant, tabIndex, sx }: EntryLinkProps): ReactElement {
  const name = shownName(entry.name)
  const style = { ...NAME, ...sx }
  if (entry.kind === 'folder') {
    return (
      <RouterLink {...linkTo(entry.prefix)} title={name} color="inherit" underline="hover" sx={style}>
        {name}
      </RouterLink>
    )
  }
  if (!onOpen) {
    return (
      <Box tabIndex={tabIndex} title={name} sx={style}>
        {name}
      </Box>
    )
  }
  return (
    <MuiLink
      component="button"
      type="button"
      title={name}
      color="inherit"
      underline="hover"
      variant={variant}
      onClick={() => onOpen(entry)}
      sx={style}
    >
      {name}
    </MuiLink>
  )
}
