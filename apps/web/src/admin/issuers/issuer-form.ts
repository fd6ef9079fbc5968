import { type Algorithm, ALGORITHMS } from '@skycrate/contract/issuers/algorithms'
import type { Issuer, NewIssuer } from '@skycrate/contract/issuers/schemas'

const isAlgorithm = (text: string): text is Algorithm => (ALGORITHMS as readonly string[]).includes(text)

/** An issuer as the fields of its form: lists are texts with commas. */
export interface IssuerValues {
  readonly name: string
  readonly issuer: string
  readonly audience: string
  readonly clientId: string
  /** Empty: as before. */
  readonly clientSecret: string
  readonly groupsClaim: string
  /** Empty: `sub`. */
  readonly subjectClaim: string
  /** None: those that the server takes by itself. */
  readonly algorithms: readonly string[]
  readonly adminGroups: string
  readonly emailDomains: string
  readonly allowGroups: string
  readonly emailVerified: boolean
  readonly direct: boolean
}

const joined = (list: readonly string[] | undefined): string => (list ?? []).join(', ')
const listOf = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((each) => each.trim())
    .filter((each) => each !== '')

const claimText = (path: string | readonly string[] | undefined): string =>
  path === undefined ? '' : typeof path === 'string' ? path : path.join('.')

export function valuesOf(issuer: Issuer | undefined): IssuerValues {
  return {
    name: issuer?.name ?? '',
    issuer: issuer?.issuer ?? '',
    audience: joined(issuer?.audience),
    clientId: joined(issuer?.clientId),
    clientSecret: '',
    groupsClaim: claimText(issuer?.claims.groups),
    subjectClaim: issuer?.claims.subject ?? '',
    algorithms: issuer?.algorithms ?? [],
    adminGroups: joined(issuer?.adminGroups),
    emailDomains: joined(issuer?.allow?.emailDomains),
    allowGroups: joined(issuer?.allow?.groups),
    emailVerified: issuer?.allow?.emailVerified ?? false,
    direct: issuer?.direct ?? false,
  }
}

/** @param before what the form does not show stays as it is there */
export function bodyOf(values: IssuerValues, before?: Issuer): NewIssuer {
  const list = <Name extends string>(name: Name, text: string): { readonly [N in Name]?: string[] } => {
    const found = listOf(text)
    return (found.length === 0 ? {} : { [name]: found }) as { readonly [N in Name]?: string[] }
  }
  const groupsText = values.groupsClaim.trim()
  const { groups: groupsBefore, subject: _subject, ...otherClaims } = before?.claims ?? {}
  const subject = values.subjectClaim.trim()
  const algorithms = values.algorithms.filter(isAlgorithm)
  const groups = groupsText === claimText(groupsBefore) ? groupsBefore : groupsText === '' ? undefined : groupsText
  const claims = { ...otherClaims, ...(groups === undefined ? {} : { groups }), ...(subject === '' ? {} : { subject }) }
  const allow = {
    ...list('emailDomains', values.emailDomains),
    ...list('groups', values.allowGroups),
    ...(values.emailVerified ? { emailVerified: true } : {}),
  }
  return {
    ...(values.name.trim() === '' ? {} : { name: values.name.trim() }),
    issuer: values.issuer.trim(),
    ...list('audience', values.audience),
    ...list('clientId', values.clientId),
    ...(values.clientSecret === '' ? {} : { clientSecret: values.clientSecret }),
    ...(algorithms.length === 0 ? {} : { algorithms }),
    ...(before
      ? {
          clockToleranceSeconds: before.clockToleranceSeconds,
          ...(before.jwksUri === undefined ? {} : { jwksUri: before.jwksUri }),
          ...(before.scopes === undefined ? {} : { scopes: before.scopes }),
        }
      : {}),
    ...(Object.keys(claims).length === 0 ? {} : { claims }),
    ...list('adminGroups', values.adminGroups),
    ...(values.direct ? { direct: true } : {}),
    ...(Object.keys(allow).length === 0 ? {} : { allow }),
  }
}
