import type { DestinationKind } from '../events/notification-configuration.ts'

/** What a webhook may be called: what SQS, SNS and Lambda all allow. */
export const WEBHOOK_NAME = /^[A-Za-z0-9_-]{1,64}$/

const ARN = /^arn:aws(?:-[a-z-]+)?:(sqs|sns|lambda):([a-z0-9-]*):((?:[0-9]{12})?):(function:)?([A-Za-z0-9_-]{1,64})$/

const SERVICES: Readonly<Record<DestinationKind, string>> = { queue: 'sqs', topic: 'sns', function: 'lambda' }

/**
 * The webhook that an ARN names: `arn:aws:sqs:REGION:ACCOUNT:NAME`, `arn:aws:sns:…` or
 * `arn:aws:lambda:REGION:ACCOUNT:function:NAME`. The account may be any, or empty.
 *
 * @returns undefined for what is no such ARN of this kind and region
 */
export const webhookOfArn = (arn: string, kind: DestinationKind, region: string): string | undefined => {
  const [, service, place, , functionMark, name] = ARN.exec(arn) ?? []
  if (service !== SERVICES[kind] || (place !== region && place !== '')) return undefined
  return (functionMark !== undefined) === (kind === 'function') ? name : undefined
}
