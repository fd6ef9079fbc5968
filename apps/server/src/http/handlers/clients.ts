import type { Clients } from '../../clients/clients.ts'
import { presentedCredentials } from '../../clients/presented-credentials.ts'
import { AppError } from '../../errors/app-error.ts'
import type { HandlersOf } from '../route.ts'

export function clientsHandlers(
  clients: Clients,
): HandlersOf<'clientToken' | 'listClients' | 'createClient' | 'createClientSecret' | 'deleteClientSecret'> {
  return {
    async clientToken({ body, origin, request }) {
      if (body.grant_type !== 'client_credentials') {
        throw new AppError('unsupported-grant-type', 'Only client_credentials is one here.')
      }
      if (body.scope !== undefined && body.scope !== '') throw new AppError('invalid-scope', 'Leave the scope out.')
      return clients.token(presentedCredentials(request.headers.authorization, body), origin)
    },
    listClients: () => clients.list(),
    createClient: ({ who: { userId }, body, origin }) => clients.create(body.name, { userId, origin }),
    createClientSecret: ({ who: { userId }, params, origin }) => clients.createSecret(params.id, { userId, origin }),
    deleteClientSecret: ({ who: { userId }, params, origin }) =>
      clients.deleteSecret(params.id, params.secretId, { userId, origin }),
  }
}
