import Menu from '@mui/icons-material/Menu'
import Box from '@mui/material/Box'
import ButtonBase from '@mui/material/ButtonBase'
import useMediaQuery from '@mui/material/useMediaQuery'
import type { Me } from '@skycrate/contract/auth/schemas'
import { useLocation } from '@tanstack/react-router'
import { lazy, type ReactElement, Suspense, useEffect, useId, useRef, useState } from 'react'
import { type Section, sectionsFor } from '../app/pages.ts'
import { toPage } from '../paths.ts'
import { NavLink } from './nav-link.tsx'

const PageDrawer = lazy(() => import('./page-drawer.tsx').then((module) => ({ default: module.PageDrawer })))

/** Pages in the bar at the bottom of a narrow window; the others are behind its last button. */
const IN_BAR = 4

export function Navigation({ me }: { readonly me: Me }): ReactElement {
  const isNarrow = useMediaQuery((theme) => theme.breakpoints.down('md'))
  const sections = sectionsFor(me)
  return isNarrow ? <BottomBar sections={sections} /> : <SideNavigation sections={sections} />
}

interface NavigationProps {
  readonly sections: readonly Section[]
}

function SideNavigation({ sections }: NavigationProps): ReactElement {
  const { pathname } = useLocation()
  const nav = useRef<HTMLElement>(null)
  // In a low window the list scrolls, and the page that is open may be far down.
  useEffect(() => {
    // Returns nothing: some browsers give a promise, which React would take for the effect's end.
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [pathname])
  return (
    <Box component="nav" ref={nav} aria-label="Pages" sx={{ flex: 1, minHeight: 0, overflowY: 'auto' }}>
      <SectionLists sections={sections} />
    </Box>
  )
}

function SectionLists({ sections, onFollow }: NavigationProps & { readonly onFollow?: () => void }): ReactElement {
  const id = useId()
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2.5 }}>
      {sections.map(({ title, pages }) => (
        <Box key={title} component="section" aria-labelledby={`${id}-${title}`}>
          <Box
            id={`${id}-${title}`}
            sx={{
              px: 1.5,
              pb: 0.75,
              typography: 'caption',
              fontWeight: 600,
              color: 'text.secondary',
              // One section needs no title, save for a screen reader.
              ...(sections.length === 1 && {
                position: 'absolute',
                width: 1,
                height: 1,
                overflow: 'hidden',
                clipPath: 'inset(50%)',
              }),
            }}
          >
            {title}
          </Box>
          <Box sx={{ display: 'flex', flexDirection: 'column', gap: 0.5 }}>
            {pages.map(({ path, title: label, icon: Icon }) => (
              <NavLink
                key={path}
                {...toPage(path)}
                icon={Icon && <Icon />}
                label={label}
                {...(onFollow && { onClick: onFollow })}
              />
            ))}
          </Box>
        </Box>
      ))}
    </Box>
  )
}

/** Within reach of a thumb. */
function BottomBar({ sections }: NavigationProps): ReactElement {
  const [open, setOpen] = useState(false)
  const [wanted, setWanted] = useState(false)
  const pages = sections.flatMap((section) => section.pages)
  const inBar = pages.length <= IN_BAR + 1 ? pages : pages.slice(0, IN_BAR)
  return (
    <Box
      component="nav"
      aria-label="Pages"
      sx={{
        position: 'fixed',
        inset: 'auto 0 0 0',
        zIndex: 'appBar',
        display: 'flex',
        justifyContent: 'space-around',
        bgcolor: 'background.paper',
        borderTop: 1,
        borderColor: 'divider',
        p: 0.5,
        pb: 'calc(4px + env(safe-area-inset-bottom))',
      }}
    >
      {inBar.map(({ path, title, icon: Icon }) => (
        <NavLink key={path} {...toPage(path)} icon={Icon && <Icon />} label={title} inBar />
      ))}
      {inBar.length < pages.length && (
        <ButtonBase
          aria-haspopup="dialog"
          aria-expanded={open}
          onClick={() => {
            setWanted(true)
            setOpen(true)
          }}
          sx={{
            flex: 1,
            flexDirection: 'column',
            gap: 0.25,
            py: 0.5,
            borderRadius: 1,
            color: 'text.secondary',
            typography: 'caption',
            fontWeight: 600,
          }}
        >
          <Menu />
          More
        </ButtonBase>
      )}
      {wanted && (
        <Suspense fallback={null}>
          <PageDrawer open={open} onClose={() => setOpen(false)}>
            <SectionLists sections={sections} onFollow={() => setOpen(false)} />
          </PageDrawer>
        </Suspense>
      )}
    </Box>
  )
}
