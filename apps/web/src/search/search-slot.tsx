import Search from '@mui/icons-material/Search'
import Box from '@mui/material/Box'
import ButtonBase from '@mui/material/ButtonBase'
import { lazy, type ReactElement, Suspense, useEffect, useState } from 'react'

const SearchDialog = lazy(() => import('./search-dialog.tsx').then((module) => ({ default: module.SearchDialog })))

/** Opens the search, by its button or with `/`. What searches is fetched then. */
export function SearchSlot(): ReactElement {
  const [open, setOpen] = useState(false)
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const at = event.target as Element | null
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return
      if (at?.closest('input, textarea, select, [contenteditable], [role="dialog"], [role="menu"]')) return
      event.preventDefault()
      setOpen(true)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  return (
    <>
      <ButtonBase
        onClick={() => setOpen(true)}
        aria-label="Search files"
        aria-keyshortcuts="/"
        aria-haspopup="dialog"
        sx={{
          gap: 1,
          px: { xs: 1, md: 1.5 },
          py: 0.75,
          ml: { xs: 'auto', md: 0 },
          border: { xs: 0, md: 1 },
          borderColor: { md: 'divider' },
          borderRadius: 1,
          typography: 'body2',
          color: 'text.secondary',
          justifyContent: 'flex-start',
          '&:hover, &.Mui-focusVisible': { bgcolor: 'action.hover' },
        }}
      >
        <Search fontSize="small" />
        <Box component="span" sx={{ display: { xs: 'none', md: 'block' }, flex: 1, textAlign: 'left' }}>
          Search
        </Box>
        <Box component="kbd" sx={{ display: { xs: 'none', md: 'block' }, font: 'inherit' }}>
          /
        </Box>
      </ButtonBase>
      {open && (
        <Suspense fallback={null}>
          <SearchDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  )
}
