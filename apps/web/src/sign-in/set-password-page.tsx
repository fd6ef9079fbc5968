import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import Paper from '@mui/material/Paper'
import Typography from '@mui/material/Typography'
import type { Challenge } from '@skycrate/contract/factors/schemas'
import { useRouter } from '@tanstack/react-router'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { ChallengeForm } from '../factors/challenge-form.tsx'
import { toFiles, toForgotPassword } from '../paths.ts'
import { Brand } from '../shell/brand.tsx'
import { FormProblem } from '../ui/form/form-problem.tsx'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { RouterLink } from '../ui/router-link.tsx'
import { usePageTitle } from '../ui/page-title.ts'

export function InvitationPage(): ReactElement {
  return <SetPassword kind="invitation" title="Welcome to SkyCrate" submitLabel="Accept the invitation" />
}

export function ResetPasswordPage(): ReactElement {
  return <SetPassword kind="reset" title="Choose a new password" submitLabel="Set the password" />
}

interface SetPasswordProps {
  readonly kind: 'invitation' | 'reset'
  readonly title: string
  readonly submitLabel: string
}

/** What a link from an administrator opens. Its secret stands behind the #, which no server sees. */
function SetPassword({ kind, title, submitLabel }: SetPasswordProps): ReactElement {
  const { api, interruption } = useApp()
  const router = useRouter()
  usePageTitle(title)
  const [token] = useState(() => window.location.hash.slice(1))
  const [challenge, setChallenge] = useState<Challenge>()
  const goOn = (): void => {
    interruption.end()
    void router.navigate({ ...toFiles(), replace: true })
  }
  const form = useForm({
    initial: { name: '', password: '', again: '' },
    validate: ({ password, again }) => ({
      password: Array.from(password).length < 15 ? 'Enter at least 15 characters' : undefined,
      again: password === again ? undefined : 'The two passwords differ',
    }),
    submit: async ({ name, password }) => {
      const named = name.trim() === '' ? {} : { name: name.trim() }
      const { email } =
        kind === 'invitation'
          ? await api.request('acceptInvitation', { body: { token, password, ...named } })
          : await api.request('resetPassword', { body: { token, password } })
      return api.login({ email, password })
    },
    onDone: (result) => {
      if ('challenge' in result) setChallenge(result)
      else goOn()
    },
  })
  return (
    <Box component="main" sx={{ minHeight: '100%', display: 'grid', placeItems: 'center', p: 2 }}>
      <Paper variant="outlined" sx={{ width: '100%', maxWidth: 420, p: { xs: 3, sm: 4 }, borderRadius: 1.5 }}>
        <Brand />
        <Typography variant="h1" sx={{ mt: 3, mb: 1 }}>
          {title}
        </Typography>
        {challenge !== undefined ? (
          <ChallengeForm challenge={challenge} submitLabel="Sign in" onAnswered={goOn} />
        ) : token === '' ? (
          <Typography color="textSecondary">
            This link is incomplete. Copy the whole link, or ask an administrator for a new one.{' '}
            {kind === 'reset' && <RouterLink {...toForgotPassword()}>Forgot your password?</RouterLink>}
          </Typography>
        ) : (
          <Box
            component="form"
            onSubmit={form.onSubmit}
            sx={{ display: 'flex', flexDirection: 'column', gap: 2, mt: 2 }}
          >
            <FormProblem form={form} />
            {kind === 'invitation' && (
              <TextInput form={form} name="name" label="Your name" autoComplete="name" autoFocus maxLength={200} />
            )}
            <TextInput
              form={form}
              name="password"
              label="Password"
              type="password"
              autoComplete="new-password"
              autoFocus={kind === 'reset'}
              required
              hint="At least 15 characters. A few words in a row are easy to remember."
            />
            <TextInput
              form={form}
              name="again"
              label="The same password again"
              type="password"
              autoComplete="new-password"
              required
            />
            <Button type="submit" variant="contained" size="large" loading={form.isSubmitting}>
              {submitLabel}
            </Button>
          </Box>
        )}
      </Paper>
    </Box>
  )
}
