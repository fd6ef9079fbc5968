import type { Claims } from '@skycrate/core/identity/claims'
import { type EntryRefusal, entryRefusal } from '@skycrate/core/identity/entry-rules'
import { groupsOfClaims } from '@skycrate/core/identity/groups-of-claims'
import type { IssuerSettings } from '@skycrate/core/identity/issuer-settings'
import type { ReadToken } from '@skycrate/issuer-keys/read-token'

export interface ExplainedClaim {
  readonly name: string
  readonly value: string
  readonly verdict: 'good' | 'bad' | 'unused'
  readonly detail: string
}

/** Characters of a value that are shown. */
const SHOWN = 300

/**
 * What each part of a token means here, all of them and not the first mistake alone. Whether the token is accepted,
 * `verifyToken` says.
 * @param now milliseconds since the epoch
 */
export function explainToken({ header, claims }: ReadToken, settings: IssuerSettings, now: number): ExplainedClaim[] {
  const names = settings.claims
  const rows: ExplainedClaim[] = []
  const add = (name: string, value: unknown, verdict: ExplainedClaim['verdict'], detail: string): void => {
    rows.push({ name, value: (JSON.stringify(value) ?? 'absent').slice(0, SHOWN), verdict, detail })
  }
  const isAlgorithm = (settings.algorithms as readonly string[]).includes(header.alg)
  add(
    'alg (header)',
    header.alg,
    isAlgorithm ? 'good' : 'bad',
    isAlgorithm ? 'Accepted.' : `Only ${settings.algorithms.join(', ')} are accepted of this issuer.`,
  )
  add('kid (header)', header.kid, 'unused', 'Names the key of the signature.')
  const isIssuer = claims['iss'] === settings.issuer
  add('iss', claims['iss'], isIssuer ? 'good' : 'bad', isIssuer ? 'This issuer.' : `Must be exactly ${settings.issuer}`)
  explainAudience(claims, settings, add)
  explainTimes(claims, settings, now, add)
  const subjectName = names.subject ?? 'sub'
  const subject = claims[subjectName]
  const isSubject = typeof subject === 'string' && subject.length > 0 && subject.length <= 255
  add(subjectName, subject, isSubject ? 'good' : 'bad', isSubject ? 'The user is known by it.' : 'Must be a text.')
  const email = names.email ?? 'email'
  add(email, claims[email], 'unused', claims[email] === undefined ? 'The user has no e-mail address here.' : 'Shown.')
  const verified = names.emailVerified ?? 'email_verified'
  add(
    verified,
    claims[verified],
    'unused',
    claims[verified] === true
      ? 'The address counts as verified.'
      : 'Only the boolean true makes the address a verified one.',
  )
  add(names.name ?? 'name', claims[names.name ?? 'name'], 'unused', 'The name of the user.')
  explainGroups(claims, settings, add)
  explainEntry(claims, settings, add)
  return rows
}

type Add = (name: string, value: unknown, verdict: ExplainedClaim['verdict'], detail: string) => void

function explainAudience(claims: Claims, { audience = [], clientId = [] }: IssuerSettings, add: Add): void {
  const { aud } = claims
  if (aud === undefined) {
    const name = claims['client_id'] === undefined ? 'azp' : 'client_id'
    const client = claims[name]
    const isOurs = typeof client === 'string' && clientId.includes(client)
    add('aud', aud, isOurs ? 'unused' : 'bad', 'Without it, client_id or azp must name a client id of this issuer.')
    add(
      name,
      client,
      isOurs ? 'good' : 'bad',
      isOurs ? 'A client id of this issuer here.' : 'No client id of this issuer here.',
    )
    return
  }
  const known = [...audience, ...clientId]
  const isOurs = [aud].flat().some((each) => typeof each === 'string' && known.includes(each))
  add(
    'aud',
    aud,
    isOurs ? 'good' : 'bad',
    isOurs ? 'An audience of this issuer here.' : `Must name one of: ${known.join(', ').slice(0, SHOWN)}`,
  )
}

function explainTimes(claims: Claims, settings: IssuerSettings, now: number, add: Add): void {
  const tolerance = settings.clockToleranceSeconds * 1000
  const timeOf = (name: string): number | undefined => {
    const value = claims[name]
    return typeof value === 'number' && Number.isFinite(value) && value >= 0 && value < 1e11 ? value * 1000 : undefined
  }
  const exp = timeOf('exp')
  const isGood = exp !== undefined && exp + tolerance > now
  add(
    'exp',
    claims['exp'],
    isGood ? 'good' : 'bad',
    exp === undefined ? 'A token must expire.' : `${isGood ? 'Expires' : 'Expired'} ${new Date(exp).toISOString()}.`,
  )
  for (const name of ['nbf', 'iat']) {
    if (claims[name] === undefined) continue
    const time = timeOf(name)
    const isPast = time !== undefined && time - tolerance <= now
    add(
      name,
      claims[name],
      isPast ? 'good' : 'bad',
      time === undefined
        ? 'Is no time.'
        : `${new Date(time).toISOString()}${isPast ? '.' : ', which is to come: check the clocks.'}`,
    )
  }
}

function explainGroups(claims: Claims, settings: IssuerSettings, add: Add): void {
  const { groups: path } = settings.claims
  if (path === undefined) return add('groups', undefined, 'unused', 'No claim is set that names groups.')
  const name = typeof path === 'string' ? path : path.join(' → ')
  const groups = groupsOfClaims(claims, settings.claims)
  if ('refused' in groups) return add(name, groups.refused, 'bad', 'The groups can’t be read, so the token is refused.')
  const isAdmin = groups.some((group) => settings.adminGroups.includes(group))
  add(name, groups, 'good', `${groups.length} groups${isAdmin ? ', one of administrators' : ''}.`)
}

const BARRED: Readonly<Record<EntryRefusal, string>> = {
  'email-not-verified': 'Only people with a verified e-mail address are let in.',
  'other-email-domain': 'Only people of certain e-mail domains are let in.',
  'not-in-group': 'Only members of certain groups are let in.',
}

function explainEntry(claims: Claims, settings: IssuerSettings, add: Add): void {
  if (settings.allow === undefined) return
  const names = settings.claims
  const groups = groupsOfClaims(claims, names)
  if ('refused' in groups) return
  const email = claims[names.email ?? 'email']
  const refusal = entryRefusal(settings.allow, {
    email: typeof email === 'string' ? email : null,
    emailVerified: claims[names.emailVerified ?? 'email_verified'] === true,
    groups,
  })
  add('let in', settings.allow, refusal ? 'bad' : 'good', refusal ? BARRED[refusal] : 'This person is let in.')
}
