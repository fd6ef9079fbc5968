import Box from '@mui/material/Box'
import Button from '@mui/material/Button'
import TextField from '@mui/material/TextField'
import Typography from '@mui/material/Typography'
import type { Challenge } from '@skycrate/contract/factors/schemas'
import { useMutation } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { useApp } from '../app/app-context.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { askPasskey, canUsePasskeys } from './ask-passkey.ts'

type Method = Challenge['methods'][number]

interface ChallengeFormProps {
  readonly challenge: Challenge
  readonly submitLabel: string
  readonly onAnswered: () => unknown
}

const FIELDS = {
  totp: {
    label: 'Code',
    hint: 'Enter the six digits that your authenticator app shows.',
    type: 'text',
    autoComplete: 'one-time-code',
    field: 'code',
  },
  'recovery-code': {
    label: 'Recovery code',
    hint: 'Enter one of your recovery codes. It works once.',
    type: 'text',
    autoComplete: 'off',
    field: 'recoveryCode',
  },
  password: {
    label: 'Password',
    hint: 'Enter your password again.',
    type: 'password',
    autoComplete: 'current-password',
    field: 'password',
  },
} as const

const OFFERS: Readonly<Record<Method, string>> = {
  passkey: 'Use a passkey',
  totp: 'Use the authenticator app',
  'recovery-code': 'Use a recovery code',
  password: 'Use the password',
}

// On the input alone: where all of a form is required, its labels need no asterisks.
const REQUIRED = { htmlInput: { required: true, spellCheck: false, autoCapitalize: 'off' } } as const

/** Asks for what a challenge wants, one method at a time. */
export function ChallengeForm({ challenge, submitLabel, onAnswered }: ChallengeFormProps): ReactElement {
  const { api } = useApp()
  const methods = challenge.methods.filter((each) => each !== 'passkey' || canUsePasskeys())
  const [method, setMethod] = useState<Method | undefined>(methods[0])
  const [text, setText] = useState('')
  const { challenge_token, passkey } = challenge
  const answer = useMutation({
    mutationFn: async () => {
      if (method === undefined) return
      const given =
        method === 'passkey' ? { passkey: await askPasskey(passkey ?? {}) } : { [FIELDS[method].field]: text.trim() }
      await api.answerChallenge({ challenge_token, ...given })
    },
    onSuccess: () => onAnswered(),
  })
  if (method === undefined) {
    return <Typography>This browser can&#39;t use your second factor. Open SkyCrate in another one.</Typography>
  }
  const field = method === 'passkey' ? undefined : FIELDS[method]
  return (
    <Box
      component="form"
      onSubmit={(event) => {
        event.preventDefault()
        answer.mutate()
      }}
      sx={{ display: 'flex', flexDirection: 'column', gap: 2 }}
    >
      {answer.isError && <ProblemAlert error={answer.error} />}
      <Typography color="textSecondary">{field?.hint ?? 'Use the passkey that you set up for SkyCrate.'}</Typography>
      {field && (
        <TextField
          key={method}
          name={field.field}
          type={field.type}
          label={field.label}
          autoComplete={field.autoComplete}
          value={text}
          onChange={(event) => setText(event.target.value)}
          autoFocus
          slotProps={REQUIRED}
        />
      )}
      <Button type="submit" variant="contained" size="large" loading={answer.isPending} autoFocus={!field}>
        {field ? submitLabel : 'Use a passkey'}
      </Button>
      {methods
        .filter((each) => each !== method)
        .map((each) => (
          <Button
            key={each}
            size="small"
            onClick={() => {
              answer.reset()
              setText('')
              setMethod(each)
            }}
          >
            {OFFERS[each]}
          </Button>
        ))}
    </Box>
  )
}
