import { CognitoIdpError } from '@skycrate/aws-wire/json-answer'
import { type Static, type TProperties, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { RequestOrigin } from '../../audit/audit-event.ts'
import { AppError } from '../../errors/app-error.ts'
import type { DoorUse } from '../door.ts'
import { type JsonOperation, mistakeIn } from '../json-door.ts'

export const text = (maxLength: number) => Type.String({ minLength: 1, maxLength })
export const texts = Type.Record(text(64), Type.String({ maxLength: 20_000 }))
export const username = text(320)
export const password = text(1024)
export const code = text(64)
export const token = text(20_000)
export const attributes = Type.Array(
  Type.Object({ Name: text(64), Value: Type.Optional(Type.String({ maxLength: 2048 })) }),
  {
    maxItems: 50,
  },
)

const CLIENT = /^[\w+]{1,128}$/

/** An operation whose request is checked first. What clients send beyond these fields means nothing here. */
export function operation<P extends TProperties>(
  properties: P,
  run: (use: DoorUse, request: Static<ReturnType<typeof Type.Object<P>>>, origin: RequestOrigin) => Promise<object>,
): JsonOperation {
  const validator = Compile(Type.Object(properties))
  return (use, body, origin) => {
    const mistake = mistakeIn(validator, body)
    if (mistake !== undefined) throw new CognitoIdpError('InvalidParameterException', mistake)
    return run(use, body as Parameters<typeof run>[1], origin)
  }
}

/** As `operation`, for an app that names itself. @throws CognitoIdpError `ResourceNotFoundException` for a foreign one */
export function appOperation<P extends TProperties>(
  properties: P,
  run: (
    use: DoorUse,
    request: Static<ReturnType<typeof Type.Object<P>>> & { readonly ClientId: string },
    origin: RequestOrigin,
  ) => Promise<object>,
): JsonOperation {
  return operation({ ...properties, ClientId: text(128) }, (use, request, origin) => {
    const given = request as unknown as Parameters<typeof run>[1]
    requireClient(use, given.ClientId)
    return run(use, given, origin)
  })
}

function requireClient({ appClients }: DoorUse, id: string): void {
  if (!CLIENT.test(id)) throw new CognitoIdpError('InvalidParameterException', 'ClientId has to be letters and digits.')
  if (appClients.length === 0 || appClients.includes(id)) return
  throw new CognitoIdpError('ResourceNotFoundException', `User pool client ${id} does not exist.`)
}

/** Names some errors of the work as this operation does. */
export async function renaming<T>(
  work: Promise<T>,
  names: (error: AppError) => CognitoIdpError | undefined | Promise<CognitoIdpError | undefined>,
): Promise<T> {
  try {
    return await work
  } catch (error) {
    const named = error instanceof AppError ? await names(error) : undefined
    throw named ?? error
  }
}
