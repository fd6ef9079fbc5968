import { Type, type Static } from 'typebox'
import { closed, nullable, timestamp } from '../schemas.ts'

const EXAMPLE = {
  id: 'job_01kaj7x2v9c4t0m8q3n5p6r7s8',
  kind: 'user.delete',
  state: 'running',
  progress: { done: 1200, total: 5000 },
  createdBy: 'usr_01kaj7x2v9c4t0m8q3n5p6r7s8',
  createdAt: '2026-11-29T12:00:00.000Z',
  finishedAt: null,
} as const

export const JobState = Type.Enum(['queued', 'running', 'done', 'failed', 'cancelled'])

export const Job = Type.Object(
  {
    id: Type.String(),
    kind: Type.String({ description: 'What it does, for example user.delete.' }),
    state: JobState,
    progress: Type.Object({
      done: Type.Integer({ minimum: 0 }),
      total: nullable(Type.Integer({ minimum: 0, description: 'Null while it is not known.' })),
    }),
    problem: Type.Optional(
      Type.Object(
        {
          type: Type.String({ description: "The URL of the code's page." }),
          title: Type.String(),
          status: Type.Integer(),
          code: Type.String(),
          detail: Type.Optional(Type.String()),
        },
        { description: 'Why it failed, or why its latest try did.' },
      ),
    ),
    createdBy: nullable(Type.String({ description: 'The user who started it; null for SkyCrate itself.' })),
    createdAt: timestamp('When it was created.'),
    finishedAt: nullable(timestamp('When it was done, failed or was cancelled.')),
  },
  { $id: 'Job', examples: [EXAMPLE] },
)
export type Job = Static<typeof Job>

export const Jobs = Type.Object(
  { jobs: Type.Array(Job), nextCursor: nullable(Type.String()) },
  { $id: 'Jobs', examples: [{ jobs: [EXAMPLE], nextCursor: null }] },
)
export type Jobs = Static<typeof Jobs>

export const JobsQuery = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100 })),
    cursor: Type.Optional(Type.String({ maxLength: 128 })),
    state: Type.Optional(JobState),
  },
  { ...closed, $id: 'JobsQuery' },
)
