import { Type, type Static } from 'typebox'
import { AUDIT_ACTION_NAMES, DOORS, OUTCOMES } from '../audit-actions.ts'
import { closed, instant, nullable, storable, timestamp } from '../schemas.ts'

export const Outcome = Type.Enum([...OUTCOMES])
export type Outcome = Static<typeof Outcome>

export const AuditEvent = Type.Object(
  {
    id: Type.String(),
    at: timestamp('When the event was recorded.'),
    action: Type.String({
      description: 'What was done or attempted, for example `object.get` or `permission.create`.',
    }),
    outcome: Outcome,
    userId: nullable(Type.String({ description: 'The user who did it. Null for a guest and for SkyCrate itself.' })),
    userEmail: nullable(Type.String({ description: "The user's current e-mail address." })),
    userEmailVerified: Type.Boolean({ description: 'Whether an issuer vouches for the e-mail address.' }),
    userIssuer: nullable(Type.String({ description: 'The issuer that gave the e-mail address.' })),
    userName: nullable(Type.String({ description: "The user's current name." })),
    targetUserId: nullable(Type.String({ description: 'The user that it was done to.' })),
    targetEmail: nullable(Type.String({ description: "The target user's current e-mail address." })),
    targetEmailVerified: Type.Boolean(),
    targetIssuer: nullable(Type.String()),
    targetName: nullable(Type.String({ description: "The target user's current name." })),
    store: nullable(Type.String()),
    bucket: nullable(Type.String()),
    key: nullable(Type.String()),
    reason: nullable(
      Type.String({
        description: 'A code for why it was refused or failed, such as `no-permission`. Null if allowed.',
      }),
    ),
    detail: nullable(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'More about the event. Its fields depend on the action: for a permission, who got which actions where and until when.',
      }),
    ),
    door: Type.Enum([...DOORS], { description: 'The interface that was used. `process`: SkyCrate itself.' }),
    count: Type.Integer({
      description: 'The number of requests that this event stands for. Repeated denials are recorded together.',
    }),
    requestId: Type.String(),
    ip: nullable(Type.String()),
    userAgent: nullable(Type.String()),
  },
  { $id: 'AuditEvent' },
)
export type AuditEvent = Static<typeof AuditEvent>

export const AuditEvents = Type.Object(
  { events: Type.Array(AuditEvent), nextCursor: nullable(Type.String()) },
  {
    $id: 'AuditEvents',
    examples: [
      {
        events: [
          {
            id: 'evt_01kaj7x2v9c4t0m8q3n5p6r7s8',
            at: '2026-11-21T12:00:00.000Z',
            action: 'object.get',
            outcome: 'allow',
            userId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
            userEmail: 'ada@example.com',
            userEmailVerified: true,
            userIssuer: 'https://issuer.example.com/',
            userName: 'Ada',
            targetUserId: null,
            targetEmail: null,
            targetEmailVerified: false,
            targetIssuer: null,
            targetName: null,
            store: 'default',
            bucket: 'team-files',
            key: 'reports/2026.pdf',
            reason: null,
            detail: { permissionId: 'prm_01kaj7x2v9c4t0m8q3n5p6r7s8', expiresAt: '2026-11-21T13:00:00.000Z' },
            door: 'rest',
            count: 1,
            requestId: 'req_01kaj7x2v9c4t0m8q3n5p6r7s8',
            ip: '203.0.113.7',
            userAgent: 'Mozilla/5.0',
          },
        ],
        nextCursor: null,
      },
    ],
  },
)
export type AuditEvents = Static<typeof AuditEvents>

const filters = {
  userId: Type.Optional(Type.String({ maxLength: 64, ...storable, description: 'The user who did it.' })),
  targetUserId: Type.Optional(
    Type.String({ maxLength: 64, ...storable, description: 'The user that it was done to.' }),
  ),
  bucket: Type.Optional(Type.String({ minLength: 1, maxLength: 255, ...storable })),
  prefix: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1024, ...storable, description: 'Events whose key begins with it.' }),
  ),
  action: Type.Optional(Type.Enum(AUDIT_ACTION_NAMES)),
  outcome: Type.Optional(Outcome),
  requestId: Type.Optional(Type.String({ minLength: 1, maxLength: 64, ...storable })),
  door: Type.Optional(Type.Enum([...DOORS])),
}
const times = {
  from: Type.Optional(instant()),
  to: Type.Optional(instant()),
}

export const AuditQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
    ...filters,
    ...times,
  },
  { ...closed, $id: 'AuditQuery' },
)

export const AuditExportQuery = Type.Object(
  { format: Type.Enum(['csv', 'jsonl']), ...filters, ...times },
  { ...closed, $id: 'AuditExportQuery' },
)

export const AuditStatsQuery = Type.Object(times, { ...closed, $id: 'AuditStatsQuery' })

const counts = {
  total: Type.Integer({ description: 'Requests, with repeated denials counted one by one.' }),
  byOutcome: Type.Object({ allow: Type.Integer(), deny: Type.Integer(), error: Type.Integer() }),
  byAction: Type.Array(Type.Object({ action: Type.String(), count: Type.Integer() }), {
    description: 'Most frequent first.',
  }),
  byDay: Type.Array(
    Type.Object({
      day: Type.String({ format: 'date' }),
      allow: Type.Integer(),
      deny: Type.Integer(),
      error: Type.Integer(),
    }),
    { description: 'Days in UTC that have events.' },
  ),
}
const topBuckets = Type.Array(Type.Object({ bucket: Type.String(), count: Type.Integer() }), {
  description: 'The ten most frequent.',
})
const exampleCounts = {
  total: 1204,
  byOutcome: { allow: 1180, deny: 23, error: 1 },
  byAction: [
    { action: 'object.get', count: 900 },
    { action: 'object.put', count: 304 },
  ],
  byDay: [{ day: '2026-11-21', allow: 1180, deny: 23, error: 1 }],
}
const exampleBuckets = [{ bucket: 'team-files', count: 1100 }]

export const AuditStats = Type.Object(
  {
    ...counts,
    topUsers: Type.Array(
      Type.Object({
        userId: Type.String(),
        userEmail: nullable(Type.String()),
        userEmailVerified: Type.Boolean({ description: 'Whether an issuer vouches for the e-mail address.' }),
        userIssuer: nullable(Type.String({ description: 'The issuer that gave the e-mail address.' })),
        userName: nullable(Type.String()),
        count: Type.Integer(),
      }),
      { description: 'The ten most frequent.' },
    ),
    topBuckets,
  },
  {
    $id: 'AuditStats',
    examples: [
      {
        ...exampleCounts,
        topUsers: [
          {
            userId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
            userEmail: 'ada@example.com',
            userEmailVerified: true,
            userIssuer: 'https://issuer.example.com/',
            userName: 'Ada',
            count: 1004,
          },
        ],
        topBuckets: exampleBuckets,
      },
    ],
  },
)
export type AuditStats = Static<typeof AuditStats>

export const AuditUserStats = Type.Object(
  { userId: Type.String(), ...counts, topBuckets },
  {
    $id: 'AuditUserStats',
    examples: [{ userId: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8', ...exampleCounts, topBuckets: exampleBuckets }],
  },
)
export type AuditUserStats = Static<typeof AuditUserStats>
