import { SkyCrateError } from '@skycrate/client/skycrate-error'

/** Whether this browser can be asked at all: not over plain http on another machine's name, nor at an address. */
export const canUsePasskeys = (): boolean =>
  typeof window.PublicKeyCredential === 'function' && !/^[\d.]+$|^\[/.test(window.location.hostname)

/** Asks for a passkey that there is. @param options of the challenge @throws SkyCrateError when the person gives none */
export async function askPasskey(options: object): Promise<AnsweredPasskey> {
  const { startAuthentication } = await import('@simplewebauthn/browser')
  return given(() => startAuthentication({ optionsJSON: options as never }))
}

/** Makes a new one. @throws SkyCrateError when the person makes none */
export async function makePasskey(options: object): Promise<AnsweredPasskey> {
  const { startRegistration } = await import('@simplewebauthn/browser')
  return given(() => startRegistration({ optionsJSON: options as never }))
}

interface AnsweredPasskey {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly response: { readonly clientDataJSON: string }
}

async function given(ask: () => Promise<unknown>): Promise<AnsweredPasskey> {
  try {
    return (await ask()) as AnsweredPasskey
  } catch (cause) {
    const isKnown = (cause as { name?: string }).name === 'InvalidStateError'
    throw new SkyCrateError({
      code: 'invalid-code',
      title: isKnown ? 'This device has a passkey for your account already' : 'No passkey was used',
      detail: isKnown ? undefined : 'The request was cancelled or took too long. Try again.',
      cause,
    })
  }
}
