import Alert from '@mui/material/Alert'
import AlertTitle from '@mui/material/AlertTitle'
import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import type { MailState } from '@skycrate/contract/mail/schemas'
import { useSuspenseQuery } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { meQuery } from '../../data/queries.ts'
import { KEYS } from '../../data/query-keys.ts'
import { formatTime } from '../../format/format-time.ts'
import { Card } from '../../ui/card.tsx'
import { Fact } from '../../ui/fact.tsx'
import { Facts } from '../../ui/facts.tsx'
import { FormProblem } from '../../ui/form/form-problem.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'

/** What the SMTP server does with mails, and a way to try it. */
export function SmtpState({ state }: { readonly state: MailState }): ReactElement {
  const { api, queries, toasts } = useApp()
  const { data: me } = useSuspenseQuery(meQuery(api))
  const { problem } = state
  const form = useForm({
    initial: { to: me.email ?? '' },
    submit: ({ to }) => api.request('testMail', { body: { to: to.trim() } }),
    onDone: ({ to, response }) => {
      toasts.show(`The server took the mail to ${to}: ${response}`)
      void queries.invalidateQueries({ queryKey: [KEYS.mail] })
    },
  })
  return (
    <Box sx={{ display: 'flex', flexDirection: 'column', gap: 2, maxWidth: 820 }}>
      {problem !== null && (
        <Alert severity="error" variant="outlined" sx={{ overflowWrap: 'anywhere' }}>
          <AlertTitle sx={{ mb: 0 }}>{problem.title}</AlertTitle>
          {problem.detail}
          <Box sx={{ typography: 'caption', color: 'text.secondary' }}>
            {formatTime(problem.at)}. Mails that wait are tried again until their code or link expires.
          </Box>
        </Alert>
      )}
      <Card title="SMTP server">
        <Facts>
          <Fact name="Server">{state.server}</Fact>
          <Fact name="Sender">{state.from}</Fact>
          <Fact name="Waiting">{state.waiting}</Fact>
          <Fact name="Given up">{state.failed} in the last seven days</Fact>
          <Fact name="Last sent">
            {state.lastSentAt === null ? 'None in the last day' : formatTime(state.lastSentAt)}
          </Fact>
        </Facts>
      </Card>
      <Card title="Test mail">
        <Box component="form" onSubmit={form.onSubmit} sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}>
          <FormProblem form={form} />
          <TextInput form={form} name="to" label="To" type="email" autoComplete="email" required />
          <Box>
            <Button type="submit" variant="contained" loading={form.isSubmitting}>
              Send
            </Button>
          </Box>
        </Box>
      </Card>
    </Box>
  )
}
