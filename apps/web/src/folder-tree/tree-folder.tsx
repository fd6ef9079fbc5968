import ChevronRight from '@mui/icons-material/ChevronRight'
import FolderRounded from '@mui/icons-material/FolderRounded'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import { useInfiniteQuery } from '@tanstack/react-query'
import { type ReactElement, useEffect, useRef } from 'react'
import { useApp } from '../app/app-context.ts'
import { listingQuery } from '../data/queries.ts'
import { shownName } from '../format/shown-name.ts'
import { RouterLink } from '../ui/router-link.tsx'
import { useTreeContext } from './tree-context.ts'

interface TreeFolderProps {
  readonly name: string
  readonly prefix: string
  /** 1 for the root. */
  readonly level: number
}

/** Deeper folders are not indented any further. */
const DEEPEST = 10
const indent = (level: number): string => `${Math.min(level - 1, DEEPEST) * 16}px`

const LINE = {
  listStyle: 'none',
  borderRadius: 1,
  outline: 'none',
  '&:focus-visible, &[data-drop-target]': { outline: 2, outlineColor: 'primary.main', outlineOffset: -2 },
} as const

/** A folder, and below it what is in it while it is open. Only what is open is listed. */
export function TreeFolder({ name, prefix, level }: TreeFolderProps): ReactElement {
  const { api } = useApp()
  const { bucket, shown, open, toggle, linkTo } = useTreeContext()
  const isOpen = open.has(prefix)
  const isShown = prefix === shown
  const listing = useInfiniteQuery({ ...listingQuery(api, bucket, prefix), enabled: isOpen })
  const folders = listing.data?.pages.flatMap((page) => page.prefixes) ?? []
  const isLeaf = listing.data !== undefined && folders.length === 0 && !listing.hasNextPage
  const row = useRef<HTMLLIElement>(null)
  useEffect(() => {
    if (isShown) row.current?.scrollIntoView({ block: 'nearest' })
  }, [isShown])
  const text = shownName(name)
  return (
    <>
      <Box
        component="li"
        ref={row}
        role="treeitem"
        tabIndex={-1}
        aria-level={level}
        aria-selected={isShown}
        {...(!isLeaf && { 'aria-expanded': isOpen })}
        data-folder={prefix}
        sx={{
          ...LINE,
          display: 'flex',
          alignItems: 'center',
          gap: 0.75,
          height: 34,
          pl: indent(level),
          pr: 1,
          bgcolor: isShown ? 'action.selected' : undefined,
          '&:hover': { bgcolor: isShown ? 'action.selected' : 'action.hover' },
        }}
      >
        <Box
          aria-hidden
          data-toggle
          onClick={() => toggle(prefix)}
          sx={{
            display: 'grid',
            placeItems: 'center',
            flexShrink: 0,
            width: 26,
            height: 34,
            color: 'text.secondary',
            cursor: 'pointer',
            visibility: isLeaf ? 'hidden' : 'visible',
          }}
        >
          <ChevronRight
            fontSize="small"
            sx={{ transform: isOpen ? 'rotate(90deg)' : 'none', transition: 'transform 120ms' }}
          />
        </Box>
        <FolderRounded fontSize="small" color="primary" />
        <RouterLink
          {...linkTo(prefix)}
          tabIndex={-1}
          title={text}
          color="inherit"
          underline="none"
          variant="body2"
          sx={{
            flex: 1,
            minWidth: 0,
            lineHeight: '34px',
            whiteSpace: 'pre',
            overflow: 'hidden',
            textOverflow: 'ellipsis',
            fontWeight: isShown ? 600 : undefined,
          }}
        >
          {text}
        </RouterLink>
      </Box>
      {isOpen && !isLeaf && (
        <>
          {folders.map((each) => (
            <TreeFolder key={each} name={each.slice(prefix.length, -1)} prefix={each} level={level + 1} />
          ))}
          {listing.isPending && <Note level={level + 1}>Loading…</Note>}
          {listing.isError && (
            <Line level={level + 1} label="Could not be listed. Try again" onClick={() => void listing.refetch()} />
          )}
          {listing.hasNextPage && !listing.isError && (
            <Line level={level + 1} label="More folders" onClick={() => void listing.fetchNextPage()} />
          )}
        </>
      )}
    </>
  )
}

function Note({ level, children }: { readonly level: number; readonly children: string }): ReactElement {
  return (
    <Typography
      component="li"
      role="none"
      variant="body2"
      color="textSecondary"
      sx={{ pl: indent(level + 2), py: 0.5 }}
    >
      {children}
    </Typography>
  )
}

interface LineProps {
  readonly level: number
  readonly label: string
  readonly onClick: () => void
}

/** Stands below the folders of one, and is reached as they are. */
function Line({ level, label, onClick }: LineProps): ReactElement {
  return (
    <Box
      component="li"
      role="treeitem"
      tabIndex={-1}
      aria-level={level}
      aria-selected={false}
      sx={{ ...LINE, pl: indent(level + 1) }}
    >
      <Button size="small" tabIndex={-1} onClick={onClick}>
        {label}
      </Button>
    </Box>
  )
}
