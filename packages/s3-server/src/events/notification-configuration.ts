import { coversEvent } from './event-name.ts'
import type { EventName } from './event-name.ts'

export type DestinationKind = 'topic' | 'queue' | 'function'

/** One destination with what it wants to hear of. */
export interface NotificationRule {
  readonly id: string
  readonly kind: DestinationKind
  readonly arn: string
  /** The webhook that the ARN names. */
  readonly webhook: string
  /** As they were put, such as `s3:ObjectCreated:*`. */
  readonly events: readonly string[]
  readonly prefix: string | undefined
  readonly suffix: string | undefined
}

export interface NotificationConfiguration {
  readonly rules: readonly NotificationRule[]
}

/** The rules that an event on a key is told by: since rules must not overlap, one at most. */
export const matchRules = (
  { rules }: NotificationConfiguration,
  name: EventName,
  key: string,
): readonly NotificationRule[] =>
  rules.filter(
    ({ events, prefix = '', suffix = '' }) =>
      key.startsWith(prefix) && key.endsWith(suffix) && events.some((type) => coversEvent(type, name)),
  )
