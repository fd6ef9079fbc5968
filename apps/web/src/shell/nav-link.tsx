import Box from '@mui/material/Box'
import ButtonBase from '@mui/material/ButtonBase'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, ReactElement, ReactNode, Ref } from 'react'

interface NavLinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'children' | 'color'> {
  readonly icon: ReactNode
  readonly label: string
  /** In the bar of a narrow window: the icon above the label. */
  readonly inBar?: boolean
  readonly ref?: Ref<HTMLAnchorElement>
}

function NavAnchor({ icon, label, inBar = false, ref, ...anchor }: NavLinkProps): ReactElement {
  return (
    <ButtonBase
      component="a"
      {...anchor}
      ref={ref ?? null}
      sx={{
        display: 'flex',
        borderRadius: 1,
        color: 'text.secondary',
        fontWeight: 600,
        ...(inBar
          ? { flex: 1, flexDirection: 'column', gap: 0.25, minWidth: 0, py: 0.5, typography: 'caption' }
          : { flexDirection: 'row', justifyContent: 'flex-start', gap: 1.5, px: 1.5, py: 1, typography: 'body2' }),
        '&&': { fontWeight: 600 },
        '&:hover, &.Mui-focusVisible': { bgcolor: 'action.hover' },
        '&.active': {
          color: 'primary.main',
          ...(!inBar && { bgcolor: 'color-mix(in srgb, var(--mui-palette-primary-main) 12%, transparent)' }),
        },
      }}
    >
      {icon}
      {inBar ? (
        <Box
          component="span"
          sx={{ maxWidth: '100%', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}
        >
          {label}
        </Box>
      ) : (
        label
      )}
    </ButtonBase>
  )
}

/** A page in the navigation; the router marks the one that is open (`aria-current`). Its search does not matter. */
export const NavLink = createLink(NavAnchor)
