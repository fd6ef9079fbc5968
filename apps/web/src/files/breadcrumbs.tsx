import Box from '@mui/material/Box'
import MuiBreadcrumbs from '@mui/material/Breadcrumbs'
import Typography from '@mui/material/Typography'
import type { LinkProps } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { RouterLink } from '../ui/router-link.tsx'
import type { Crumb } from './crumbs.ts'
import { shownName } from '../format/shown-name.ts'

interface BreadcrumbsProps {
  readonly rootName: string
  readonly rootPrefix: string
  readonly crumbs: readonly Crumb[]
  readonly linkTo: (prefix: string) => LinkProps
}

/** The last one is where one is: the page's heading, and no link. */
export function Breadcrumbs({ rootName, rootPrefix, crumbs, linkTo }: BreadcrumbsProps): ReactElement {
  const all = [{ name: rootName, prefix: rootPrefix }, ...crumbs]
  const last = all.length - 1
  return (
    <Box sx={{ minWidth: 0 }}>
      <MuiBreadcrumbs aria-label="Folders" maxItems={4} itemsAfterCollapse={2} expandText="Show hidden folders">
        {all.map(({ name, prefix }, index) =>
          index === last ? (
            <Typography
              key={prefix}
              variant="h1"
              color="textPrimary"
              aria-current="page"
              sx={{ overflowWrap: 'anywhere' }}
            >
              {shownName(name)}
            </Typography>
          ) : (
            <RouterLink key={prefix} {...linkTo(prefix)} variant="h1" underline="hover" color="textSecondary">
              {shownName(name)}
            </RouterLink>
          ),
        )}
      </MuiBreadcrumbs>
    </Box>
  )
}
