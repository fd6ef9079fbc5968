import FolderRounded from '@mui/icons-material/FolderRounded'
import InsertDriveFileOutlined from '@mui/icons-material/InsertDriveFileOutlined'
import Search from '@mui/icons-material/Search'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Dialog from '@mui/material/Dialog'
import InputBase from '@mui/material/InputBase'
import LinearProgress from '@mui/material/LinearProgress'
import Typography from '@mui/material/Typography'
import type { SearchResults } from '@skycrate/contract/search/schemas'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type KeyboardEvent, type ReactElement, useEffect, useId, useRef, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { homeQuery } from '../data/queries.ts'
import { counted } from '../format/counted.ts'
import { usePathName } from '../data/use-path-name.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatTime } from '../format/format-time.ts'
import { placeLink } from '../starred/place-link.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { type Freshness, searchQuery } from './search-query.ts'
import { shownName } from '../format/shown-name.ts'

type Result = SearchResults['results'][number]

/** Milliseconds without another letter before the server is asked. */
const PAUSE = 200

const CUT = { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'pre' } as const

/** Finds files and folders by name while one types; Enter opens the folder of what is chosen. */
export function SearchDialog({ onClose }: { readonly onClose: () => void }): ReactElement {
  const { api } = useApp()
  const navigate = useNavigate()
  const id = useId()
  const [text, setText] = useState('')
  const q = useLater(text.trim(), PAUSE)
  const [at, setAt] = useState(0)
  const query = useInfiniteQuery(searchQuery(api, q))
  const home = useQuery({ ...homeQuery(api), enabled: false }).data
  const results = q === '' ? [] : (query.data?.pages.flatMap((page) => page.results) ?? [])
  const current = Math.min(at, results.length - 1)
  const freshness = query.data?.pages[0]?.freshness

  const open = (result: Result): void => {
    onClose()
    void navigate(placeLink(home, result))
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const last = results.length - 1
    if (event.key === 'ArrowDown') setAt(Math.min(current + 1, last))
    else if (event.key === 'ArrowUp') setAt(Math.max(current - 1, 0))
    else if (event.key === 'Enter' && results[current]) open(results[current])
    else return
    event.preventDefault()
  }
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [current])

  return (
    <Dialog
      open
      onClose={onClose}
      fullWidth
      maxWidth="sm"
      slotProps={{
        paper: { 'aria-label': 'Search files', sx: { alignSelf: 'flex-start', maxHeight: 'min(640px, 85dvh)' } },
      }}
    >
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1.5, px: 2, borderBottom: 1, borderColor: 'divider' }}>
        <Search color="action" />
        <InputBase
          autoFocus
          fullWidth
          placeholder="Names of files and folders"
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
          slotProps={{
            input: {
              role: 'combobox',
              'aria-label': 'Search names',
              'aria-expanded': results.length > 0,
              'aria-controls': `${id}-results`,
              'aria-autocomplete': 'list',
              'aria-activedescendant': results.length > 0 ? `${id}-${current}` : undefined,
              maxLength: 200,
              spellCheck: false,
              autoComplete: 'off',
            },
          }}
          sx={{ height: 56 }}
        />
      </Box>
      {query.isFetching && <LinearProgress aria-label="Searching" sx={{ height: 2, mt: '-2px' }} />}
      <Box sx={{ overflow: 'auto', minHeight: 0 }}>
        {query.isError && (
          <Box sx={{ p: 2 }}>
            <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
          </Box>
        )}
        {results.length > 0 && (
          <Box
            ref={list}
            component="ul"
            role="listbox"
            id={`${id}-results`}
            aria-label="Results"
            sx={{ m: 0, p: 1, listStyle: 'none' }}
          >
            {results.map((result, index) => (
              <ResultLine
                key={`${result.store}/${result.bucket}/${result.key}`}
                id={`${id}-${index}`}
                result={result}
                isCurrent={index === current}
                onOpen={() => open(result)}
              />
            ))}
          </Box>
        )}
        {query.hasNextPage && results.length > 0 && (
          <Button
            fullWidth
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
            sx={{ borderRadius: 0 }}
          >
            Show more
          </Button>
        )}
        {q !== '' && query.isSuccess && !query.isPlaceholderData && results.length === 0 && (
          <Typography color="textSecondary" sx={{ p: 3, textAlign: 'center' }}>
            Nothing found where you may look.
          </Typography>
        )}
      </Box>
      <Typography
        variant="caption"
        color="textSecondary"
        role="status"
        sx={{ px: 2, py: 1, borderTop: 1, borderColor: 'divider', flexShrink: 0 }}
      >
        {q === '' || !freshness ? 'Finds words in the names of files and folders.' : freshnessOf(freshness)}
      </Typography>
    </Dialog>
  )
}

function freshnessOf({ buckets, listed, listedAt }: Freshness): string {
  if (listed < buckets) {
    const left = counted(buckets - listed, 'bucket')
    return `${left} ${buckets - listed === 1 ? 'is' : 'are'} being listed for the first time: more may be found in a moment.`
  }
  return listedAt === null
    ? 'You do not have access to any buckets yet.'
    : `Complete as of ${formatTime(listedAt)}; changes made here are known at once.`
}

interface ResultLineProps {
  readonly id: string
  readonly result: Result
  readonly isCurrent: boolean
  readonly onOpen: () => void
}

function ResultLine({ id, result, isCurrent, onOpen }: ResultLineProps): ReactElement {
  const { kind, name, bucket, key, size } = result
  const pathName = usePathName()
  const end = key.endsWith('/') ? key.length - 1 : key.length
  const folder = key.slice(0, key.lastIndexOf('/', end - 1) + 1)
  return (
    <Box
      component="li"
      id={id}
      role="option"
      aria-selected={isCurrent}
      onClick={onOpen}
      sx={{
        display: 'flex',
        alignItems: 'center',
        gap: 1.5,
        px: 1.5,
        py: 0.75,
        borderRadius: 1,
        cursor: 'pointer',
        // Light enough for the grey of the second line.
        ...(isCurrent && { bgcolor: 'action.hover', outline: 1, outlineColor: 'divider' }),
      }}
    >
      {kind === 'folder' ? (
        <FolderRounded sx={{ color: 'primary.main', opacity: 0.85 }} />
      ) : (
        <InsertDriveFileOutlined sx={{ color: 'text.secondary' }} />
      )}
      <Box sx={{ minWidth: 0, flex: 1 }}>
        <Box sx={{ typography: 'body2', ...CUT }} title={name}>
          {shownName(name)}
        </Box>
        <Box sx={{ typography: 'caption', color: 'text.secondary', ...CUT }}>{pathName(bucket, folder)}</Box>
      </Box>
      {size !== null && (
        <Box sx={{ typography: 'caption', color: 'text.secondary', flexShrink: 0 }}>{formatBytes(size)}</Box>
      )}
    </Box>
  )
}

/** What a value was once it stayed for a while. */
function useLater(value: string, milliseconds: number): string {
  const [later, setLater] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), milliseconds)
    return () => clearTimeout(timer)
  }, [value, milliseconds])
  return later
}
