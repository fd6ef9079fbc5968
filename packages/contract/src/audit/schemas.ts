import { Type, type Static } from 'typebox'
import { AUDIT_ACTION_NAMES, DOORS, OUTCOMES } from '../audit-actions.ts'
import { closed, instant, nullable, timestamp } from '../schemas.ts'

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
    userName: nullable(Type.String({ description: "The user's current name." })),
    targetUserId: nullable(Type.String({ description: 'The user that it was done to.' })),
    targetEmail: nullable(Type.String({ description: "The target user's current e-mail address." })),
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
            userName: 'Ada',
            targetUserId: null,
            targetEmail: null,
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

export const AuditQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
    action: Type.Optional(Type.Enum(AUDIT_ACTION_NAMES)),
    outcome: Type.Optional(Outcome),
    from: Type.Optional(instant()),
    to: Type.Optional(instant()),
  },
  { ...closed, $id: 'AuditQuery' },
)
