import { Job } from '../jobs/schemas.ts'
import { recorded, type Route } from '../route.ts'
import { IdParams } from '../schemas.ts'
import { CreatedUser, NewUser, OneTimeLink, User, UserChange, UserDeletion, Users, UsersQuery } from './schemas.ts'

export const USERS_ROUTES = {
  listUsers: {
    area: 'users',
    audience: 'admin',
    summary: 'Users, newest first; with a search, in the order of what matches',
    query: UsersQuery,
    success: { status: 200, body: Users },
    problems: ['invalid-request', 'invalid-cursor', 'forbidden', ...recorded],
  },
  createUser: {
    area: 'users',
    audience: 'admin',
    summary: 'Create a user with a password, by an invitation, or prepared for a sign-in through an issuer',
    body: NewUser,
    success: { status: 201, body: CreatedUser },
    problems: ['invalid-request', 'forbidden', 'conflict', 'too-many-requests', ...recorded],
  },
  user: {
    area: 'users',
    audience: 'admin',
    summary: 'A user',
    params: IdParams,
    versioned: true,
    success: { status: 200, body: User },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
  updateUser: {
    area: 'users',
    audience: 'admin',
    summary: 'Replace what can be changed of a user',
    params: IdParams,
    body: UserChange,
    versioned: true,
    success: { status: 200, body: User },
    problems: [
      'invalid-request',
      'forbidden',
      'not-found',
      'conflict',
      'last-administrator',
      'precondition-failed',
      ...recorded,
    ],
  },
  deleteUser: {
    area: 'users',
    audience: 'admin',
    summary: 'Delete a user; a job deletes what they have',
    params: IdParams,
    query: UserDeletion,
    versioned: true,
    success: { status: 202, body: Job },
    problems: ['invalid-request', 'forbidden', 'not-found', 'last-administrator', 'precondition-failed', ...recorded],
  },
  endUserSessions: {
    area: 'users',
    audience: 'admin',
    summary: 'End all sessions of a user',
    params: IdParams,
    success: { status: 204 },
    problems: ['invalid-request', 'forbidden', 'not-found', ...recorded],
  },
  resetUserPassword: {
    area: 'users',
    audience: 'admin',
    summary: 'Create a link with which a user sets a new password; it replaces the link before',
    params: IdParams,
    success: { status: 200, body: OneTimeLink },
    problems: ['invalid-request', 'forbidden', 'not-found', 'conflict', ...recorded],
  },
} as const satisfies Record<string, Route>
