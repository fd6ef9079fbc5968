import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import type { SignedIn } from '../../identity/authenticator.ts'

interface Attribute {
  readonly Name: string
  readonly Value?: string | undefined
}

/** What an app may say of a user. Anything else would be lost, and so is refused. */
export function readAttributes(attributes: readonly Attribute[]): {
  readonly email?: string
  readonly name?: string | null
} {
  const read: { email?: string; name?: string | null } = {}
  for (const { Name, Value = '' } of attributes) {
    if (Name === 'email') read.email = Value
    else if (Name === 'name') read.name = readName(Value)
    else {
      const said = `Attributes did not conform to the schema: ${Name.slice(0, 64)}: SkyCrate keeps email and name.`
      throw new CognitoIdpError('InvalidParameterException', said)
    }
  }
  return read
}

/** Null takes it away. */
function readName(value: string): string | null {
  const name = value.trim().normalize('NFC')
  if (Array.from(name).length > 200 || !name.isWellFormed() || name.includes('\0')) {
    throw new CognitoIdpError('InvalidParameterException', 'name: has at most 200 characters.')
  }
  return name === '' ? null : name
}

export function attributesOf({ userId, email, emailVerified, name }: SignedIn): Attribute[] {
  return [
    { Name: 'sub', Value: userId },
    ...(email === null
      ? []
      : [
          { Name: 'email', Value: email },
          { Name: 'email_verified', Value: String(emailVerified) },
        ]),
    ...(name === null ? [] : [{ Name: 'name', Value: name }]),
  ]
}
