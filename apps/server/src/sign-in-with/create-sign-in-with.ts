import { performance } from 'node:perf_hooks'
import { createIssuerLog, type IssuerLog } from '../identity/issuer-log.ts'
import { createBackChannelLogout } from './back-channel-logout.ts'
import { createSignInFinish } from './finish-sign-in.ts'
import { createIdTokens } from './id-tokens.ts'
import { createIssuerClients } from './issuer-clients.ts'
import { createIssuerSignOutUrl } from './issuer-sign-out-url.ts'
import type { SignInContext } from './sign-in-context.ts'
import type { SignInWith } from './sign-in-with.ts'
import { createSignInStart } from './start-sign-in.ts'

export function createSignInWith(
  options: Omit<SignInContext, 'clients' | 'idTokens'> & { readonly allowInsecureLoopback: boolean },
): SignInWith {
  const { allowInsecureLoopback, issuers, logger, now } = options
  const logs = new Map<string, IssuerLog>()
  const logOf = (issuer: string): IssuerLog => {
    const held = logs.get(issuer) ?? createIssuerLog(issuer, logger, 'an issuer cannot be used for sign-ins')
    logs.set(issuer, held)
    return held
  }
  const monotonicNow = (): number => performance.now()
  const clients = createIssuerClients({ allowInsecureLoopback, logOf, now: monotonicNow })
  const idTokens = createIdTokens({ allowInsecureLoopback, logOf, now, monotonicNow })
  issuers.onChange(() => clients.clear())
  const context: SignInContext = { ...options, clients, idTokens }

  return {
    list: () => ({
      issuers: issuers
        .list()
        .filter(({ client }) => client !== undefined)
        .map(({ id, name, settings: { issuer, direct = false } }) => ({ id, name, issuer, direct })),
    }),
    ...createSignInStart(context),
    finish: createSignInFinish(context),
    signOutUrl: createIssuerSignOutUrl(context),
    backChannelLogout: createBackChannelLogout(context),
  }
}
