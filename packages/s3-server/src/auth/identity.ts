import type { Session } from './session.ts'

/** Whose signature a request carries. */
export type Identity =
  | { readonly kind: 'root'; readonly accessKeyId: string }
  | { readonly kind: 'session'; readonly accessKeyId: string; readonly session: Session }
  | { readonly kind: 'anonymous' }

/** The one account that everything here belongs to. */
export const ACCOUNT_ID = '000000000000'

const ROLE = /^arn:(aws[a-z-]*):iam::(\d{0,12}):role\/(?:[\x21-\x7e]*\/)?([\w+=,.@-]{1,64})$/

export interface Role {
  readonly partition: string
  readonly account: string
  readonly name: string
}

/** @returns undefined for what is no role's ARN */
export const parseRoleArn = (arn: string): Role | undefined => {
  const [, partition, account, name] = ROLE.exec(arn) ?? []
  if (partition === undefined || account === undefined || name === undefined) return undefined
  return { partition, account: account === '' ? ACCOUNT_ID : account, name }
}

export interface IdentityNames {
  readonly arn: string
  readonly account: string
  readonly userId: string
  /** What `aws:PrincipalArn` holds: for a session, its role. */
  readonly principalArn: string
  readonly type: 'Account' | 'AssumedRole'
}

/** What an identity is called, as on AWS. Nobody has no names. */
export const namesOf = (identity: Identity): IdentityNames | undefined => {
  switch (identity.kind) {
    case 'anonymous':
      return undefined
    case 'root': {
      const arn = `arn:aws:iam::${ACCOUNT_ID}:root`
      return { arn, account: ACCOUNT_ID, userId: ACCOUNT_ID, principalArn: arn, type: 'Account' }
    }
    case 'session': {
      const { roleArn, roleId, name } = identity.session
      const role = parseRoleArn(roleArn)
      const account = role?.account ?? ACCOUNT_ID
      return {
        arn: `arn:${role?.partition ?? 'aws'}:sts::${account}:assumed-role/${role?.name ?? ''}/${name}`,
        account,
        userId: `${roleId}:${name}`,
        principalArn: roleArn,
        type: 'AssumedRole',
      }
    }
  }
}
