import Button from '@mui/material/Button'
import Typography from '@mui/material/Typography'
import type { SignUpOptions } from '@skycrate/contract/auth/schemas'
import { useQuery } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { toSignIn } from '../paths.ts'
import { TextInput } from '../ui/form/text-input.tsx'
import { useForm } from '../ui/form/use-form.ts'
import { QueryState } from '../ui/query-state.tsx'
import { RouterLink } from '../ui/router-link.tsx'
import { CodeInput, codeMistake } from './code-input.tsx'
import { EntryForm } from './entry-form.tsx'
import { EntryFrame } from './entry-frame.tsx'
import { signUpQuery } from './sign-up-query.ts'
import { useEntered } from './use-entered.ts'

/** What was asked for; the code that comes by mail completes it. */
interface Started {
  readonly id: string
  readonly email: string
  readonly password: string
}

export function SignUpPage(): ReactElement {
  const { api } = useApp()
  const [started, setStarted] = useState<Started>()
  const options = useQuery(signUpQuery(api))
  if (started) return <Confirmation started={started} onRestart={() => setStarted(undefined)} />
  return (
    <EntryFrame title="Create an account">
      <QueryState query={options}>
        {(given) =>
          given.mode === 'closed' ? (
            <Typography>Sign-up is closed. Ask an administrator for an invitation.</Typography>
          ) : (
            <Details options={given} onStarted={setStarted} />
          )
        }
      </QueryState>
      <Typography variant="body2">
        You have an account? <RouterLink {...toSignIn(undefined)}>Sign in</RouterLink>
      </Typography>
    </EntryFrame>
  )
}

interface DetailsProps {
  readonly options: SignUpOptions
  readonly onStarted: (started: Started) => void
}

function Details({ options, onStarted }: DetailsProps): ReactElement {
  const { api } = useApp()
  const { passwordMinLength: minimum, domains, mode } = options
  const form = useForm({
    initial: { email: '', name: '', password: '' },
    validate: ({ password }) => ({
      password: Array.from(password).length < minimum ? `Enter at least ${minimum} characters` : undefined,
    }),
    submit: async ({ email, name, password }) => {
      const named = name.trim() === '' ? {} : { name: name.trim() }
      const { id } = await api.request('signUp', { body: { email: email.trim(), password, ...named } })
      return { id, email: email.trim(), password }
    },
    onDone: onStarted,
  })
  const hint =
    domains.length > 0 ? `At ${domains.join(' or ')}` : mode === 'invitation' ? 'The one that was invited' : ''
  return (
    <EntryForm form={form} submitLabel="Continue">
      <TextInput
        form={form}
        name="email"
        label="E-mail"
        type="email"
        autoComplete="username"
        autoFocus
        required
        {...(hint !== '' && { hint })}
      />
      <TextInput form={form} name="name" label="Your name (optional)" autoComplete="name" maxLength={200} />
      <TextInput
        form={form}
        name="password"
        label="Password"
        type="password"
        autoComplete="new-password"
        required
        hint={`At least ${minimum} characters. A few words in a row are easy to remember.`}
      />
    </EntryForm>
  )
}

function Confirmation({
  started,
  onRestart,
}: {
  readonly started: Started
  readonly onRestart: () => void
}): ReactElement {
  const { api, toasts } = useApp()
  const entered = useEntered()
  const { id, email, password } = started
  const form = useForm({
    initial: { code: '' },
    validate: ({ code }) => ({ code: codeMistake(code) }),
    submit: async ({ code }) => {
      const confirmed = await api.request('confirmSignUp', { body: { email, code, id } })
      await api.login({ email: confirmed.email, password })
    },
    onDone: entered,
  })
  const resend = async (): Promise<void> => {
    try {
      await api.request('resendCode', { body: { email, id } })
      toasts.show('Another code is on its way. The one before is good no more.')
    } catch {
      toasts.show('No other code could be sent. Wait a few minutes and try again.')
    }
  }
  return (
    <EntryFrame title="Check your mail">
      <Typography>
        A code was sent to <strong>{email}</strong>. It is good for ten minutes.
      </Typography>
      <EntryForm form={form} submitLabel="Create the account">
        <CodeInput form={form} />
      </EntryForm>
      <Button onClick={() => void resend()}>Send another code</Button>
      <Button onClick={onRestart} color="inherit">
        Use another address
      </Button>
    </EntryFrame>
  )
}
