import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import LinearProgress from '@mui/material/LinearProgress'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import { SkyCrateError } from '@skycrate/client/skycrate-error'
import type { SharedLink, UnlockedShare } from '@skycrate/contract/shares/schemas'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactElement, type ReactNode, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { formatBytes } from '../format/format-bytes.ts'
import { formatTime } from '../format/format-time.ts'
import { Brand } from '../shell/brand.tsx'
import { FormProblem } from '../ui/form/form-problem.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { usePageTitle } from '../ui/page-title.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { DropBox } from './drop-box.tsx'
import { SharedFolderList } from './shared-folder-list.tsx'
import { useSharedDownload } from './use-shared-download.ts'

/** What a link opens, for people without an account. */
export function SharedLinkPage(): ReactElement {
  const { api } = useApp()
  const { token = '' } = useParams({ strict: false }) as { readonly token?: string }
  const [unlocked, setUnlocked] = useState<UnlockedShare>()
  const query = useQuery({
    queryKey: ['shared-link', token],
    queryFn: ({ signal }) => api.request('sharedLink', { params: { token } }, { signal }),
    retry: false,
    refetchOnWindowFocus: false,
  })
  const link = unlocked ?? query.data
  if (query.isPending) {
    return (
      <Frame title="Shared with you">
        <LinearProgress aria-label="Opening the link" />
      </Frame>
    )
  }
  if (link === undefined) {
    return query.error instanceof SkyCrateError && query.error.code === 'not-found' ? (
      <Gone />
    ) : (
      <Frame title="Shared with you">
        <ProblemAlert error={query.error} onRetry={() => void query.refetch()} />
      </Frame>
    )
  }
  if (link.passwordRequired) return <Password token={token} onUnlocked={setUnlocked} />
  return <Opened token={token} link={link} pass={unlocked?.pass} />
}

function Gone(): ReactElement {
  return (
    <Frame title="This link does not work">
      <Typography color="textSecondary">
        It may have ended or been switched off. Check that the address is complete, or ask whoever gave it to you.
      </Typography>
    </Frame>
  )
}

interface PasswordProps {
  readonly token: string
  readonly onUnlocked: (link: UnlockedShare) => void
}

function Password({ token, onUnlocked }: PasswordProps): ReactElement {
  const { api } = useApp()
  const form = useForm({
    initial: { password: '' },
    validate: ({ password }) => ({ password: password === '' ? 'Enter the password' : undefined }),
    submit: ({ password }) => api.request('unlockShare', { params: { token }, body: { password } }),
    onDone: onUnlocked,
  })
  return (
    <Frame title="This link has a password">
      <Box component="form" onSubmit={form.onSubmit} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
        <FormProblem form={form} />
        <TextInput
          form={form}
          name="password"
          label="Password"
          type="password"
          autoComplete="off"
          autoFocus
          hint="Ask whoever gave you the link."
        />
        <Button type="submit" variant="contained" loading={form.isSubmitting} sx={{ alignSelf: 'flex-start' }}>
          Open
        </Button>
      </Box>
    </Frame>
  )
}

interface OpenedProps {
  readonly token: string
  readonly link: SharedLink
  readonly pass: string | undefined
}

function Opened({ token, link, pass }: OpenedProps): ReactElement {
  const download = useSharedDownload(token, pass)
  const name = link.name ?? ''
  const end = link.expiresAt === null ? '' : `The link works until ${formatTime(link.expiresAt)}.`
  switch (link.kind) {
    case 'drop-box':
      return (
        <Frame title={`Upload to ${name}`} note={end}>
          <DropBox token={token} pass={pass} maxSize={link.maxSize} contentTypes={link.contentTypes} />
        </Frame>
      )
    case 'folder':
      return (
        <Frame title={name} note={end} wide>
          <SharedFolderList token={token} pass={pass} name={name} download={download} />
        </Frame>
      )
    default:
      return (
        <Frame title={name} note={end}>
          {download.error !== null && <ProblemAlert error={download.error} />}
          <Box sx={{ display: 'flex', alignItems: 'center', gap: 2 }}>
            <Button variant="contained" size="large" loading={download.isPending} onClick={() => download.start()}>
              Download
            </Button>
            {link.size !== null && <Typography color="textSecondary">{formatBytes(link.size)}</Typography>}
          </Box>
        </Frame>
      )
  }
}

interface FrameProps {
  readonly title: string
  readonly note?: string
  readonly wide?: boolean
  readonly children: ReactNode
}

function Frame({ title, note = '', wide = false, children }: FrameProps): ReactElement {
  usePageTitle(title)
  return (
    <Box
      component="main"
      sx={{ minHeight: '100%', display: 'grid', placeItems: wide ? 'start center' : 'center', p: 2 }}
    >
      <Paper
        variant="outlined"
        sx={{ width: '100%', maxWidth: wide ? 860 : 520, minWidth: 0, p: { xs: 3, sm: 4 }, borderRadius: 1.5 }}
      >
        <Brand />
        <Typography variant="h1" sx={{ mt: 3, mb: note === '' ? 2.5 : 0.5, overflowWrap: 'anywhere' }}>
          {title}
        </Typography>
        {note !== '' && (
          <Typography variant="body2" color="textSecondary" sx={{ mb: 2.5 }}>
            {note}
          </Typography>
        )}
        <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>{children}</Box>
      </Paper>
    </Box>
  )
}
