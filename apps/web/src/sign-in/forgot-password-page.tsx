import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { Challenge } from '@skycrate/contract/factors/schemas'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { ChallengeForm } from '../factors/challenge-form.tsx'
import { toSignIn } from '../paths.ts'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { RouterLink } from '../ui/router-link.tsx'
import { CodeInput, codeMistake } from './code-input.tsx'
import { EntryForm } from './entry-form.tsx'
import { EntryFrame } from './entry-frame.tsx'
import { signUpQuery } from './sign-up-query.ts'
import { useEntered } from './use-entered.ts'

interface Asked {
  readonly id: string
  readonly email: string
}

export function ForgotPasswordPage(): ReactElement {
  const [asked, setAsked] = useState<Asked>()
  return asked ? (
    <NewPassword asked={asked} onRestart={() => setAsked(undefined)} />
  ) : (
    <EntryFrame title="Forgot your password?">
      <Ask onAsked={setAsked} />
      <Typography variant="body2">
        You remember it? <RouterLink {...toSignIn(undefined)}>Sign in</RouterLink>
      </Typography>
    </EntryFrame>
  )
}

function Ask({ onAsked }: { readonly onAsked: (asked: Asked) => void }): ReactElement {
  const { api } = useApp()
  const form = useForm({
    initial: { email: '' },
    submit: async ({ email }) => {
      const { id } = await api.request('forgotPassword', { body: { email: email.trim() } })
      return { id, email: email.trim() }
    },
    onDone: onAsked,
  })
  return (
    <EntryForm form={form} submitLabel="Send a code">
      <Typography>Enter the e-mail address that you sign in with. A code to set a new password goes there.</Typography>
      <TextInput form={form} name="email" label="E-mail" type="email" autoComplete="username" autoFocus required />
    </EntryForm>
  )
}

function NewPassword({ asked, onRestart }: { readonly asked: Asked; readonly onRestart: () => void }): ReactElement {
  const { api } = useApp()
  const entered = useEntered()
  const { data: options } = useQuery(signUpQuery(api))
  const [challenge, setChallenge] = useState<Challenge>()
  const form = useForm({
    initial: { code: '', password: '', again: '' },
    validate: ({ code, password, again }) => ({
      code: codeMistake(code),
      again: password === again ? undefined : 'The two passwords differ',
    }),
    submit: async ({ code, password }) => {
      const { email } = await api.request('resetPassword', { body: { ...asked, code, password } })
      return api.login({ email, password })
    },
    onDone: (result) => {
      if ('challenge' in result) setChallenge(result)
      else entered()
    },
  })
  if (challenge !== undefined) {
    return (
      <EntryFrame title="Sign in">
        <ChallengeForm challenge={challenge} submitLabel="Sign in" onAnswered={entered} />
      </EntryFrame>
    )
  }
  return (
    <EntryFrame title="Choose a new password">
      <Typography>
        If <strong>{asked.email}</strong> has an account, a code was sent there. It is good for ten minutes. Every
        session of the account ends.
      </Typography>
      <EntryForm form={form} submitLabel="Set the password">
        {/* So that a password manager knows whose password this is. */}
        <input type="text" name="username" autoComplete="username" value={asked.email} readOnly hidden />
        <CodeInput form={form} />
        <TextInput
          form={form}
          name="password"
          label="Password"
          type="password"
          autoComplete="new-password"
          required
          hint={`At least ${options?.passwordMinLength ?? 15} characters. A few words in a row are easy to remember.`}
        />
        <TextInput
          form={form}
          name="again"
          label="The same password again"
          type="password"
          autoComplete="new-password"
          required
        />
      </EntryForm>
      <Button onClick={onRestart} color="inherit">
        Send another code
      </Button>
    </EntryFrame>
  )
}
