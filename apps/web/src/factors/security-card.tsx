import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { Factors, NewTotp, Passkey } from '@skycrate/contract/factors/schemas'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { formatTime } from '../format/format-time.ts'
import { Card } from '../ui/card.tsx'
import { ConfirmDialog } from '../ui/confirm-dialog.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { QueryState } from '../ui/query-state.tsx'
import { RowActions } from '../ui/row-action.tsx'
import { canUsePasskeys } from './ask-passkey.ts'
import { factorsQuery } from './factor-queries.ts'
import { PasskeyDialog } from './passkey-dialog.tsx'
import { RecoveryCodesDialog } from './recovery-codes-dialog.tsx'
import { TotpDialog } from './totp-dialog.tsx'

type Open =
  | { readonly what: 'totp'; readonly totp: NewTotp }
  | { readonly what: 'codes'; readonly codes: readonly string[] }
  | { readonly what: 'passkey'; readonly passkey?: Passkey }
  | { readonly what: 'delete-totp' }
  | { readonly what: 'delete-passkey'; readonly passkey: Passkey }
  | { readonly what: 'end-sessions' }

/** A person's second factors, and how they are set up and deleted. */
export function SecurityCard({ title = 'Security' }: { readonly title?: string }): ReactElement {
  const { api, queries } = useApp()
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)
  const factors = useQuery(factorsQuery(api))

  const refresh = async (): Promise<void> => {
    await Promise.all(
      [KEYS.factors, KEYS.me, KEYS.sessions].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    )
  }
  /** Whoever changes how they sign in may want to end what was signed in before. */
  const offerEnd = async (): Promise<void> => {
    await refresh()
    const { sessions } = await api.request('listSessions', {})
    setOpen(sessions.length > 1 ? { what: 'end-sessions' } : undefined)
  }
  const makeCodes = async (): Promise<void> => {
    const { recoveryCodes } = await api.request('createRecoveryCodes', {})
    setOpen({ what: 'codes', codes: recoveryCodes })
    await queries.invalidateQueries({ queryKey: [KEYS.factors] })
  }
  /** The first factor comes with codes for when it is lost. */
  const created = async (): Promise<void> => {
    const hadCodes = (factors.data?.recoveryCodes.left ?? 0) > 0
    await refresh()
    await (hadCodes ? offerEnd() : makeCodes())
  }

  const start = useMutation({
    mutationFn: () => api.request('startTotp', {}),
    onSuccess: (totp) => setOpen({ what: 'totp', totp }),
  })
  const codes = useMutation({ mutationFn: makeCodes })
  const after = useMutation({ mutationFn: created, onError: close })
  const failure = start.error ?? codes.error ?? after.error

  return (
    <Card title={title}>
      {failure !== null && (
        <Box sx={{ mb: 2 }}>
          <ProblemAlert error={failure} />
        </Box>
      )}
      <QueryState query={factors}>
        {(held) => (
          <FactorList
            held={held}
            isBusy={start.isPending || codes.isPending}
            onSetUp={() => start.mutate()}
            onCodes={() => codes.mutate()}
            onOpen={setOpen}
          />
        )}
      </QueryState>
      {open?.what === 'totp' && <TotpDialog totp={open.totp} onDone={() => after.mutate()} onClose={close} />}
      {open?.what === 'codes' && (
        <RecoveryCodesDialog codes={open.codes} onClose={() => void offerEnd().catch(() => close())} />
      )}
      {open?.what === 'passkey' && (
        <PasskeyDialog
          {...(open.passkey && { passkey: open.passkey })}
          onDone={() => (open.passkey ? void refresh().then(close) : after.mutate())}
          onClose={close}
        />
      )}
      {open?.what === 'delete-totp' && (
        <ConfirmDialog
          title="Delete the authenticator app?"
          confirmLabel="Delete"
          destructive
          onConfirm={async () => {
            await api.request('deleteTotp', {})
            await refresh()
          }}
          onClose={close}
        >
          Sign-ins no longer ask for its codes.
        </ConfirmDialog>
      )}
      {open?.what === 'delete-passkey' && (
        <ConfirmDialog
          title={`Delete the passkey ${open.passkey.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={async () => {
            await api.request('deletePasskey', { params: { id: open.passkey.id } })
            await refresh()
          }}
          onClose={close}
        >
          It no longer signs you in. Delete it on the device too.
        </ConfirmDialog>
      )}
      {open?.what === 'end-sessions' && (
        <ConfirmDialog
          title="Sign out everywhere else?"
          confirmLabel="Sign out elsewhere"
          onConfirm={async () => {
            await api.request('endOtherSessions', {})
            await refresh()
          }}
          onClose={close}
        >
          You have other sessions, which began before this change. This one stays.
        </ConfirmDialog>
      )}
    </Card>
  )
}

interface FactorListProps {
  readonly held: Factors
  readonly isBusy: boolean
  readonly onSetUp: () => void
  readonly onCodes: () => void
  readonly onOpen: (open: Open) => void
}

function FactorList({ held, isBusy, onSetUp, onCodes, onOpen }: FactorListProps): ReactElement {
  const { totp, passkeys, recoveryCodes, available } = held
  if (!available.totp) {
    return <Typography color="textSecondary">You sign in through an issuer. Set up second factors there.</Typography>
  }
  const hasFactor = totp !== null || passkeys.length > 0
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
      <Line
        name="Authenticator app"
        text={totp === null ? 'Not set up' : `Set up ${formatTime(totp.createdAt)}`}
        action={
          totp === null ? (
            <Button size="small" loading={isBusy} onClick={onSetUp}>
              Set up an app
            </Button>
          ) : (
            <RowActions
              rowName="the authenticator app"
              actions={[
                { label: 'Replace', onSelect: onSetUp },
                { label: 'Delete', destructive: true, onSelect: () => onOpen({ what: 'delete-totp' }) },
              ]}
            />
          )
        }
      />
      {passkeys.map((passkey) => (
        <Line
          key={passkey.id}
          name={`Passkey: ${passkey.name}`}
          text={passkey.lastUsedAt === null ? 'Not used yet' : `Last used ${formatTime(passkey.lastUsedAt)}`}
          action={
            <RowActions
              rowName={passkey.name}
              actions={[
                { label: 'Rename', onSelect: () => onOpen({ what: 'passkey', passkey }) },
                { label: 'Delete', destructive: true, onSelect: () => onOpen({ what: 'delete-passkey', passkey }) },
              ]}
            />
          }
        />
      ))}
      {available.passkeys && canUsePasskeys() && (
        <Line
          name={passkeys.length === 0 ? 'Passkeys' : 'Another passkey'}
          text="Sign in with a fingerprint, a PIN or a security key"
          action={
            <Button size="small" onClick={() => onOpen({ what: 'passkey' })}>
              Add a passkey
            </Button>
          }
        />
      )}
      {hasFactor && (
        <Line
          name="Recovery codes"
          text={`${recoveryCodes.left} left`}
          action={
            <Button size="small" loading={isBusy} onClick={onCodes}>
              Create new codes
            </Button>
          }
        />
      )}
    </Box>
  )
}

function Line({ name, text, action }: { readonly name: string; readonly text: string; readonly action: ReactNode }) {
  return (
    <Box sx={{ display: 'flex', alignItems: 'center', gap: 2 }}>
      <Box sx={{ flex: 1, minWidth: 0, overflowWrap: 'anywhere' }}>
        <Typography variant="body2" sx={{ fontWeight: 500 }}>
          {name}
        </Typography>
        <Typography variant="body2" color="textSecondary">
          {text}
        </Typography>
      </Box>
      {action}
    </Box>
  )
}
