import AddOutlined from '@mui/icons-material/AddOutlined'
import SmartToyOutlined from '@mui/icons-material/SmartToyOutlined'
import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Chip from '@mui/material/Chip'
import Dialog from '@mui/material/Dialog'
import DialogActions from '@mui/material/DialogActions'
import DialogContent from '@mui/material/DialogContent'
import DialogTitle from '@mui/material/DialogTitle'
import type { Clients } from '@skycrate/contract/clients/schemas'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useId, useState } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { formatTime } from '../../format/format-time.ts'
import { Card } from '../../ui/card.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { CopyText } from '../../ui/copy-text.tsx'
import { Empty } from '../../ui/empty.tsx'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { Page } from '../../ui/page.tsx'
import { QueryState } from '../../ui/query-state.tsx'

type Machine = Clients['clients'][number]
type Open =
  | { readonly what: 'new' }
  | { readonly what: 'secret'; readonly id: string; readonly secret: string }
  | { readonly what: 'new-secret'; readonly machine: Machine }
  | { readonly what: 'delete-secret'; readonly machine: Machine; readonly secretId: string }

/** So that one can replace the other. As the server has it. */
const MAX_SECRETS = 2

/** Services with an identity of their own, and the secrets by which they get tokens. */
export function MachinesPage(): ReactElement {
  const { api, queries, toasts } = useApp()
  const query = useQuery({
    queryKey: [KEYS.machines],
    queryFn: ({ signal }) => api.request('listClients', {}, { signal }),
  })
  const [open, setOpen] = useState<Open>()
  const close = (): void => setOpen(undefined)
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: [KEYS.machines] })
  return (
    <Page
      title="Machines"
      description="Services that act for nobody but themselves. Give them permissions as you do users, by their id."
      actions={
        <Button variant="contained" startIcon={<AddOutlined />} onClick={() => setOpen({ what: 'new' })}>
          New machine
        </Button>
      }
    >
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 820 }}>
        <QueryState query={query}>
          {({ clients }) =>
            clients.length === 0 ? (
              <Empty icon={SmartToyOutlined} title="No machine yet">
                Create one for each service that uses the API on its own, and keep its secret there.
              </Empty>
            ) : (
              clients.map((machine) => (
                <Card
                  key={machine.id}
                  title={machine.name}
                  action={
                    machine.secrets.length < MAX_SECRETS && (
                      <Button size="small" onClick={() => setOpen({ what: 'new-secret', machine })}>
                        New secret
                      </Button>
                    )
                  }
                >
                  <Box sx={{ typography: 'body2', display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
                    <CopyText text={machine.id} what="the client id" />
                    {machine.state === 'suspended' && <Chip size="small" label="Suspended" />}
                  </Box>
                  {machine.secrets.map((secret) => (
                    <Box
                      key={secret.id}
                      sx={{
                        display: 'flex',
                        flexWrap: 'wrap',
                        gap: 1,
                        alignItems: 'center',
                        typography: 'body2',
                        py: 0.5,
                      }}
                    >
                      <Box sx={{ flex: '1 1 240px', minWidth: 0 }}>
                        Secret of {formatTime(secret.createdAt)} ·{' '}
                        {secret.lastUsedAt === null ? 'never used' : `last used ${formatTime(secret.lastUsedAt)}`}
                      </Box>
                      <Button
                        size="small"
                        color="error"
                        aria-label={`Delete the secret of ${formatTime(secret.createdAt)} of ${machine.name}`}
                        onClick={() => setOpen({ what: 'delete-secret', machine, secretId: secret.id })}
                      >
                        Delete
                      </Button>
                    </Box>
                  ))}
                </Card>
              ))
            )
          }
        </QueryState>
      </Box>
      {open?.what === 'new' && (
        <NewMachineDialog
          onClose={close}
          onCreated={({ id, secret }) => {
            setOpen({ what: 'secret', id, secret })
            void changed()
          }}
        />
      )}
      {open?.what === 'secret' && <SecretShown id={open.id} secret={open.secret} onClose={close} />}
      {open?.what === 'new-secret' && (
        <ConfirmDialog
          title={`New secret of ${open.machine.name}?`}
          confirmLabel="Create"
          onConfirm={async () => {
            const { id } = open.machine
            const { secret } = await api.request('createClientSecret', { params: { id } })
            await changed()
            // After the dialog has closed itself.
            setTimeout(() => setOpen({ what: 'secret', id, secret }))
          }}
          onClose={close}
        >
          The secret before stays valid until you delete it.
        </ConfirmDialog>
      )}
      {open?.what === 'delete-secret' && (
        <ConfirmDialog
          title={`Delete this secret of ${open.machine.name}?`}
          confirmLabel="Delete"
          destructive
          onConfirm={async () => {
            await api.request('deleteClientSecret', { params: { id: open.machine.id, secretId: open.secretId } })
            toasts.show('The secret was deleted')
            await changed()
          }}
          onClose={close}
        >
          What uses it is refused at once, with the tokens that it has.
        </ConfirmDialog>
      )}
    </Page>
  )
}

interface NewMachineDialogProps {
  readonly onClose: () => void
  readonly onCreated: (machine: { readonly id: string; readonly secret: string }) => void
}

function NewMachineDialog({ onClose, onCreated }: NewMachineDialogProps): ReactElement {
  const { api } = useApp()
  const form = useForm({
    initial: { name: '' },
    submit: ({ name }) => api.request('createClient', { body: { name } }),
    onDone: onCreated,
    validate: ({ name }) => (name.trim() === '' ? { name: 'Say what it is for.' } : {}),
  })
  return (
    <FormDialog form={form} title="New machine" submitLabel="Create" onClose={onClose}>
      <TextInput
        form={form}
        name="name"
        label="What is it for?"
        autoFocus
        maxLength={200}
        placeholder="Invoice importer"
      />
    </FormDialog>
  )
}

interface SecretShownProps {
  readonly id: string
  readonly secret: string
  readonly onClose: () => void
}

function SecretShown({ id, secret, onClose }: SecretShownProps): ReactElement {
  const titleId = useId()
  return (
    <Dialog open aria-labelledby={titleId} fullWidth maxWidth="sm">
      <DialogTitle id={titleId}>Client id and secret</DialogTitle>
      <DialogContent sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <Alert severity="info" variant="outlined">
          Copy the secret now. It is not shown again.
        </Alert>
        <CopyText text={id} what="the client id" />
        <CopyText text={secret} what="the secret" />
      </DialogContent>
      <DialogActions sx={{ px: 3, pb: 2 }}>
        <Button variant="contained" onClick={onClose} autoFocus>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  )
}
