import { recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import {
  Clients,
  ClientSecretParams,
  ClientToken,
  ClientTokenRequest,
  CreatedClient,
  CreatedSecret,
  NewClient,
} from './schemas.ts'

export const CLIENTS_ROUTES = {
  clientToken: {
    area: 'clients',
    audience: 'anyone',
    summary: 'Get an access token for a machine by its client id and secret',
    body: ClientTokenRequest,
    oauth: true,
    success: { status: 200, body: ClientToken },
    problems: [
      'unsupported-grant-type',
      'invalid-client',
      'invalid-scope',
      'account-suspended',
      'too-many-requests',
      'audit-unavailable',
      'database-unavailable',
    ],
  },
  listClients: {
    area: 'clients',
    audience: 'admin',
    summary: 'Machines with an identity of their own, newest first',
    success: { status: 200, body: Clients },
    problems: [...recorded],
  },
  createClient: {
    area: 'clients',
    audience: 'admin',
    summary: 'Create a machine and its first secret; the response shows it once',
    body: NewClient,
    success: { status: 201, body: CreatedClient },
    problems: ['invalid-request', 'conflict', ...recorded],
  },
  createClientSecret: {
    area: 'clients',
    audience: 'admin',
    summary: 'Create another secret of a machine; the response shows it once',
    params: IdParams,
    success: { status: 201, body: CreatedSecret },
    problems: ['not-found', 'conflict', ...recorded],
  },
  deleteClientSecret: {
    area: 'clients',
    audience: 'admin',
    summary: 'Delete a secret; tokens that were got with it stop working at once',
    params: ClientSecretParams,
    success: { status: 204 },
    problems: ['not-found', ...recorded],
  },
} as const satisfies Record<string, Route>
