import ButtonBase from '@mui/material/ButtonBase'
import { createLink } from '@tanstack/react-router'
import type { AnchorHTMLAttributes, ReactElement, ReactNode, Ref } from 'react'

interface NavLinkProps extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'children' | 'color'> {
  readonly icon: ReactNode
  readonly label: string
  readonly ref?: Ref<HTMLAnchorElement>
}

function NavAnchor({ icon, label, ref, ...anchor }: NavLinkProps): ReactElement {
  return (
    <ButtonBase
      component="a"
      {...anchor}
      ref={ref ?? null}
      sx={{
        display: 'flex',
        flexDirection: { xs: 'column', md: 'row' },
        justifyContent: 'flex-start',
        gap: { xs: 0.25, md: 1.5 },
        minWidth: 72,
        px: 1.5,
        py: { xs: 0.5, md: 1 },
        borderRadius: 1,
        color: 'text.secondary',
        typography: { xs: 'caption', md: 'body2' },
        fontWeight: { xs: 600, md: 600 },
        '&:hover, &.Mui-focusVisible': { bgcolor: 'action.hover' },
        '&.active': {
          color: 'primary.main',
          bgcolor: { md: 'color-mix(in srgb, var(--mui-palette-primary-main) 12%, transparent)' },
        },
      }}
    >
      {icon}
      {label}
    </ButtonBase>
  )
}

/** A page in the navigation; the router marks the one that is open (`aria-current`). Its search does not matter. */
export const NavLink = createLink(NavAnchor)
