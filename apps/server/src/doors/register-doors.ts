import type { FastifyInstance } from 'fastify'
import type { Door, DoorUse } from './door.ts'
import { accessGrantsDoor } from './access-grants/access-grants-door.ts'
import { cognitoIdentityDoor } from './cognito-identity/cognito-identity-door.ts'
import { cognitoIdpDoor } from './cognito-idp/cognito-idp-door.ts'
import { containerCredentialsDoor } from './container-credentials/container-credentials-door.ts'
import { stsDoor } from './sts/sts-door.ts'

const DOORS: readonly Door[] = [
  stsDoor,
  containerCredentialsDoor,
  accessGrantsDoor,
  cognitoIdentityDoor,
  cognitoIdpDoor,
]

/** Registers the doors of AWS's protocols, each with bodies and errors of its own. */
export async function registerDoors(app: FastifyInstance, use: DoorUse): Promise<void> {
  for (const door of DOORS) {
    await app.register(async (scope) => {
      scope.removeAllContentTypeParsers()
      // Whatever its type: a signature covers the bytes.
      scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
      door(scope, use)
    })
  }
}
