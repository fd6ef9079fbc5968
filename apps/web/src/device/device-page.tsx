import Alert from '@mui/material/Alert'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import TextField from '@mui/material/TextField'
import Typography from '@mui/material/Typography'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { KEYS } from '../data/query-keys.ts'
import { formatTime } from '../format/format-time.ts'
import { programName } from '../format/program-name.ts'
import { Card } from '../ui/card.tsx'
import { Page } from '../ui/page.tsx'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { usePageSearch } from '../ui/use-page-search.ts'

/** What a program's link has in it; the person compares it with what the program shows. */
const codeIn = ({ code }: Readonly<Record<string, unknown>>): { readonly code?: string } =>
  typeof code === 'string' && code.length <= 32 ? { code } : {}

/** Signs in a program on a device without a browser, by the code that it shows. */
export function DevicePage(): ReactElement {
  const { api, queries } = useApp()
  const [{ code: given = '' }] = usePageSearch(codeIn)
  const [userCode, setUserCode] = useState(given)
  const look = useMutation({ mutationFn: () => api.request('waitingDevice', { body: { userCode } }) })
  const decide = useMutation({
    mutationFn: async (allow: boolean) => {
      await api.request('decideDevice', { body: { userCode, allow } })
      await queries.invalidateQueries({ queryKey: [KEYS.sessions] })
      return allow
    },
  })
  const again = (): void => {
    setUserCode('')
    look.reset()
    decide.reset()
  }
  const device = look.data
  return (
    <Page title="Sign in a device" description="For a program that shows you a code, such as one in a terminal.">
      <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 560 }}>
        {decide.isSuccess ? (
          <Alert
            severity={decide.data ? 'success' : 'info'}
            variant="outlined"
            action={
              <Button color="inherit" size="small" onClick={again}>
                Another code
              </Button>
            }
          >
            {decide.data
              ? 'The device is signed in. Go back to it. You can end its session in your profile.'
              : 'The device was not signed in.'}
          </Alert>
        ) : device === undefined ? (
          <Box
            component="form"
            onSubmit={(event) => {
              event.preventDefault()
              look.mutate()
            }}
            sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}
          >
            {look.isError && <ProblemAlert error={look.error} />}
            <TextField
              label="Code"
              value={userCode}
              onChange={(event) => setUserCode(event.target.value)}
              autoFocus
              autoComplete="off"
              helperText={given === '' ? 'As the program shows it' : 'Compare it with what the program shows.'}
              slotProps={{
                htmlInput: {
                  required: true,
                  maxLength: 32,
                  spellCheck: false,
                  autoCapitalize: 'characters',
                  style: { fontFamily: 'monospace', fontSize: '1.25rem', letterSpacing: '0.1em' },
                },
              }}
            />
            <Button type="submit" variant="contained" loading={look.isPending} sx={{ alignSelf: 'flex-start' }}>
              Continue
            </Button>
          </Box>
        ) : (
          <Card title="Is this yours?">
            <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
              {decide.isError && <ProblemAlert error={decide.error} />}
              <Box
                component="dl"
                sx={{ display: 'grid', gridTemplateColumns: '96px minmax(0, 1fr)', gap: 1, m: 0, typography: 'body2' }}
              >
                {[
                  ['Calls itself', device.client],
                  ['Address', device.network],
                  ['Program', programName(device.userAgent)],
                  ['Asked', formatTime(device.createdAt)],
                ].map(([name, value]) => (
                  <Box key={name} sx={{ display: 'contents' }}>
                    <Box component="dt" sx={{ color: 'text.secondary' }}>
                      {name}
                    </Box>
                    <Box component="dd" sx={{ m: 0, overflowWrap: 'anywhere' }}>
                      {value}
                    </Box>
                  </Box>
                ))}
              </Box>
              <Alert severity="warning" variant="outlined">
                Allow it only if you started this yourself, just now. Whoever sent you this code or link could otherwise
                use your account. Nobody needs a code from you to help you.
              </Alert>
              <Typography variant="body2" color="textSecondary">
                The device can do whatever you can do, for 30 days or until you end its session.
              </Typography>
              <Box sx={{ display: 'flex', gap: 1 }}>
                <Button
                  onClick={() => decide.mutate(false)}
                  color="inherit"
                  variant="outlined"
                  disabled={decide.isPending}
                >
                  Refuse
                </Button>
                <Button onClick={() => decide.mutate(true)} variant="contained" loading={decide.isPending}>
                  Allow
                </Button>
              </Box>
            </Box>
          </Card>
        )}
      </Box>
    </Page>
  )
}
