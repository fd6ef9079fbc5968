import FingerprintOutlined from '@mui/icons-material/FingerprintOutlined'
import Button from '@mui/material/Button'
import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { useApp } from '../app/app-context.ts'
import { ProblemAlert } from '../ui/problem-alert.tsx'
import { askPasskey, canUsePasskeys } from './ask-passkey.ts'

/** A sign-in without a password, where the browser has passkeys. */
export function PasskeySignIn({ onSignedIn }: { readonly onSignedIn: () => unknown }): ReactElement | null {
  const { api } = useApp()
  const signIn = useMutation({
    mutationFn: async () => {
      const { challenge_token, passkey } = await api.request('passkeyChallenge', {})
      await api.answerChallenge({ challenge_token, passkey: await askPasskey(passkey ?? {}) })
    },
    onSuccess: () => onSignedIn(),
  })
  if (!canUsePasskeys()) return null
  return (
    <>
      {signIn.isError && <ProblemAlert error={signIn.error} />}
      <Button
        size="large"
        variant="outlined"
        startIcon={<FingerprintOutlined />}
        loading={signIn.isPending}
        onClick={() => signIn.mutate()}
      >
        Sign in with a passkey
      </Button>
    </>
  )
}
