import ExpandMore from '@mui/icons-material/ExpandMore'
import Avatar from '@mui/material/Avatar'
import Box from '@mui/material/Box'
import ButtonBase from '@mui/material/ButtonBase'
import Typography from '@mui/material/Typography'
import useMediaQuery from '@mui/material/useMediaQuery'
import type { Me } from '@skycrate/contract/auth/schemas'
import { lazy, type ReactElement, Suspense, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { LateMenu } from '../ui/late-menu.tsx'
import { nameOf } from '../ui/name-of.ts'

const ChangePasswordDialog = lazy(() =>
  import('./change-password-dialog.tsx').then((module) => ({ default: module.ChangePasswordDialog })),
)

const SignOutDialog = lazy(() => import('./sign-out-dialog.tsx').then((module) => ({ default: module.SignOutDialog })))

/** For screen readers alone. */
const UNSEEN = { position: 'absolute', width: 1, height: 1, overflow: 'hidden', clipPath: 'inset(50%)' } as const

export function AccountMenu({ me }: { readonly me: Me }): ReactElement {
  const { api, toasts, uploads } = useApp()
  const [anchor, setAnchor] = useState<HTMLElement | null>(null)
  const [changing, setChanging] = useState(false)
  const [warning, setWarning] = useState(false)
  // The button stands at the window's top where it is narrow, else at its bottom.
  const below = useMediaQuery((theme) => theme.breakpoints.down('md'))
  const name = nameOf(me)
  const second = me.email !== name ? me.email : me.isAdmin ? 'Administrator' : null

  const signOut = (): void => {
    // No script can remove the session's cookie: where the server cannot be told, nobody is signed out.
    api.logout().then(
      (atIssuer) => {
        if (atIssuer !== undefined) window.location.assign(atIssuer)
      },
      () => toasts.show('You are still signed in: the server could not be reached. Try again.'),
    )
  }

  return (
    <>
      <ButtonBase
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => setAnchor(event.currentTarget)}
        sx={{
          gap: 1.25,
          p: { xs: 0.5, md: 1 },
          borderRadius: 1,
          justifyContent: 'flex-start',
          '&:hover, &.Mui-focusVisible': { bgcolor: 'action.hover' },
        }}
      >
        <Box component="span" sx={UNSEEN}>
          Account of {below ? name : ''}
        </Box>
        <Avatar
          aria-hidden
          sx={{ width: 32, height: 32, fontSize: '0.875rem', bgcolor: 'primary.main', fontWeight: 600 }}
        >
          {initialOf(name)}
        </Avatar>
        <Box sx={{ display: { xs: 'none', md: 'block' }, minWidth: 0, flex: 1, textAlign: 'left' }}>
          <Typography variant="body2" noWrap sx={{ fontWeight: 600 }}>
            {name}
          </Typography>
          {second !== null && (
            <Typography variant="caption" color="textSecondary" component="div" noWrap>
              {second}
            </Typography>
          )}
        </Box>
        <ExpandMore fontSize="small" color="action" sx={{ display: { xs: 'none', md: 'block' } }} />
      </ButtonBase>
      <LateMenu
        actions={[
          { label: 'Change password', onSelect: () => setChanging(true) },
          { label: 'Sign out', onSelect: () => (uploads.isBusy() ? setWarning(true) : signOut()) },
        ]}
        anchor={anchor}
        onClose={() => setAnchor(null)}
        anchorOrigin={{ vertical: below ? 'bottom' : 'top', horizontal: 'left' }}
        transformOrigin={{ vertical: below ? 'top' : 'bottom', horizontal: 'left' }}
      />
      {warning && (
        <Suspense fallback={null}>
          <SignOutDialog onSignOut={signOut} onClose={() => setWarning(false)} />
        </Suspense>
      )}
      {changing && (
        <Suspense fallback={null}>
          <ChangePasswordDialog me={me} onClose={() => setChanging(false)} />
        </Suspense>
      )}
    </>
  )
}

/** The first character as a person sees it, which may be several code points. */
function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name.trim())
  return (first?.segment ?? '').toUpperCase()
}
