import { createAccounts } from '../accounts/accounts.ts'
import { createAuthenticator } from '../identity/authenticator.ts'
import { createIdentityTokens } from '../identity/identity-tokens.ts'
import { createIssuers } from '../issuers/issuers.ts'
import { ISSUER_SEALING, openIssuers } from '../issuers/open-issuers.ts'
import { createSessionKeys } from '../identity/session-keys.ts'
import { createSealing } from '../sealing.ts'
import { admitDirectories } from '../scim/admit-directory.ts'
import { createDirectories } from '../scim/directories.ts'
import { personOf } from '../scim/user-resource.ts'
import { createSignInWith } from '../sign-in-with/create-sign-in-with.ts'
import { createDirectoryGroups } from '../users/directories/directory-groups.ts'
import { createDirectoryUsers } from '../users/directories/directory-users.ts'
import { createPersonalTokens } from '../tokens/personal-tokens.ts'
import { createGroups } from '../users/groups.ts'
import { createOwnIdentities } from '../users/identities/own-identities.ts'
import { createUsers } from '../users/users.ts'
import type { Foundation } from './foundation.ts'

/** Who there is and how they come in: accounts, issuers, sessions, users, groups, directories. */
export type People = Awaited<ReturnType<typeof createPeople>>

/** @param held takes what must be ended */
export async function createPeople(held: AsyncDisposableStack, foundation: Foundation) {
  const { config, secret, logger, now, database, reads, audit, limits, freshness, settled, jobs, mailer, templates } =
    foundation
  const accounts = await createAccounts({
    mailer,
    templates,
    signUp: config.signUp,
    lifetimes: config.tokens,
    graceDays: config.accountGraceDays,
    database,
    audit,
    logger,
    now,
    issuer: config.http.publicUrl,
    browserSessions: config.browserSessions,
    secret,
    settled,
  })
  const personalTokens = createPersonalTokens({ database, audit, now, settled, maxDays: config.tokenMaxDays })
  const issuerSealing = createSealing(secret, ISSUER_SEALING)
  const issuers = held.use(await openIssuers({ database, configured: config.issuers, sealing: issuerSealing, logger }))
  const authenticator = held.use(
    await createAuthenticator({
      database,
      audit,
      logger,
      now,
      issuers,
      own: accounts,
      personalTokens: personalTokens.verifier,
      freshness,
      allowInsecureLoopback: !config.production,
    }),
  )
  const signInWith = createSignInWith({
    database,
    audit,
    logger,
    now,
    issuers,
    sessions: accounts.issuerSessions,
    browserSessions: accounts.browserSessions,
    mail: { mailer, templates },
    publicUrl: config.http.publicUrl,
    allowInsecureLoopback: !config.production,
  })
  const users = createUsers({
    database,
    reads,
    audit,
    jobs,
    passwords: accounts.passwords,
    links: accounts.links,
    mail: { mailer, templates },
    isIssuer: (issuer) => issuers.byIssuer(issuer) !== undefined,
    now,
    settled,
  })
  const ownIdentities = createOwnIdentities({
    database,
    audit,
    mail: { mailer, templates },
    issuers,
    ownIssuer: config.http.publicUrl,
    now,
    settled,
  })
  const groups = createGroups({ database, audit, now, settled })
  const directories = createDirectories({
    database,
    audit,
    now,
    settled,
    publicUrl: config.http.publicUrl,
    isIssuer: (issuer) => issuers.byIssuer(issuer) !== undefined,
  })
  const scim = {
    users: createDirectoryUsers({ database, audit, now, settled }, personOf),
    groups: createDirectoryGroups({ database, audit, now, settled }),
    admit: admitDirectories({ database, audit, now, limit: (...given) => limits.directoryRequest(...given) }),
  }

  return {
    accounts,
    personalTokens,
    issuers,
    authenticator,
    signInWith,
    sessionKeys: held.use(await createSessionKeys({ database, secret, freshness, now })),
    identityTokens: createIdentityTokens({ secret, issuer: config.http.publicUrl, now }),
    users,
    ownIdentities,
    groups,
    directories,
    scim,
    issuersAdmin: createIssuers({
      database,
      audit,
      now,
      settled,
      registry: issuers,
      sealing: issuerSealing,
      publicUrl: config.http.publicUrl,
      allowInsecureLoopback: !config.production,
    }),
  }
}
