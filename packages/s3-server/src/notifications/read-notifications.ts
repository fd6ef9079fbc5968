import { randomUUID } from 'node:crypto'
import { S3Error } from '../s3-error.ts'
import { childrenOf, optionalText, requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { webhookOfArn } from './destination-arn.ts'
import { coversEvent, EVENT_NAMES, isEventType } from '../events/event-name.ts'
import type {
  DestinationKind,
  NotificationConfiguration,
  NotificationRule,
} from '../events/notification-configuration.ts'

export const DESTINATIONS: readonly {
  readonly kind: DestinationKind
  readonly element: string
  readonly arnElement: string
}[] = [
  { kind: 'topic', element: 'TopicConfiguration', arnElement: 'Topic' },
  { kind: 'queue', element: 'QueueConfiguration', arnElement: 'Queue' },
  { kind: 'function', element: 'CloudFunctionConfiguration', arnElement: 'CloudFunction' },
]

const MAX_RULES = 100
const MAX_ID = 255
const MAX_FILTER_BYTES = 1024

const invalid = (message: string, fields: Readonly<Record<string, string>> = {}): S3Error =>
  new S3Error('InvalidArgument', { message, fields })

/** @throws S3Error MalformedXML for elements that S3's schema does not have there */
const allow = (node: XmlNode, names: readonly string[]): void => {
  if (node.children.some(({ name }) => !names.includes(name))) throw new S3Error('MalformedXML')
}

const onlyChild = (node: XmlNode, name: string): XmlNode | undefined => {
  const [first, second] = childrenOf(node, name)
  if (second !== undefined) throw new S3Error('MalformedXML')
  return first
}

interface KeyFilter {
  readonly prefix: string | undefined
  readonly suffix: string | undefined
}

const readFilter = (rule: XmlNode): KeyFilter => {
  const filter = onlyChild(rule, 'Filter')
  if (filter !== undefined) allow(filter, ['S3Key'])
  const keyFilter = filter === undefined ? undefined : onlyChild(filter, 'S3Key')
  if (keyFilter !== undefined) allow(keyFilter, ['FilterRule'])
  const found: { prefix: string | undefined; suffix: string | undefined } = { prefix: undefined, suffix: undefined }
  for (const node of keyFilter?.children ?? []) {
    allow(node, ['Name', 'Value'])
    const name = requiredText(node, 'Name').trim().toLowerCase()
    const value = requiredText(node, 'Value')
    if (name !== 'prefix' && name !== 'suffix') throw invalid('filter rule name must be either prefix or suffix')
    if (found[name] !== undefined) throw invalid(`Cannot specify more than one ${name} rule in a filter.`)
    if (Buffer.byteLength(value) > MAX_FILTER_BYTES) {
      throw invalid('Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation')
    }
    found[name] = value
  }
  return found
}

const readEvents = (rule: XmlNode): readonly string[] => {
  const events = childrenOf(rule, 'Event').map(({ text }) => text.trim())
  if (events.length === 0) throw new S3Error('MalformedXML')
  const unknown = events.find((type) => !isEventType(type))
  if (unknown !== undefined) {
    throw invalid('A specified event is not supported for notifications.', {
      ArgumentName: 'Event',
      ArgumentValue: unknown,
    })
  }
  return [...new Set(events)]
}

const haveCommonEvent = (one: NotificationRule, other: NotificationRule): boolean =>
  EVENT_NAMES.some((name) => [one, other].every(({ events }) => events.some((type) => coversEvent(type, name))))

const checkOverlaps = (rules: readonly NotificationRule[]): void => {
  for (const [at, one] of rules.entries()) {
    for (const other of rules.slice(at + 1)) {
      const { prefix = '', suffix = '' } = one
      const { prefix: otherPrefix = '', suffix: otherSuffix = '' } = other
      const isOverlapping =
        (prefix.startsWith(otherPrefix) || otherPrefix.startsWith(prefix)) &&
        (suffix.endsWith(otherSuffix) || otherSuffix.endsWith(suffix))
      if (isOverlapping && haveCommonEvent(one, other)) {
        throw invalid(
          'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
        )
      }
    }
  }
}

export interface Destinations {
  readonly region: string
  readonly webhooks: ReadonlySet<string>
}

/**
 * Reads a notification configuration. Rules without an Id get one, as on S3.
 *
 * @throws S3Error MalformedXML, InvalidArgument, or NotImplemented for EventBridge
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html
 */
export const readNotifications = (root: XmlNode, { region, webhooks }: Destinations): NotificationConfiguration => {
  if (childrenOf(root, 'EventBridgeConfiguration').length > 0) {
    throw new S3Error('NotImplemented', { message: 'Events can not be sent to EventBridge here.' })
  }
  if (root.children.length > MAX_RULES) throw invalid(`There can be at most ${MAX_RULES} notification configurations.`)
  const rules = root.children.map((node): NotificationRule => {
    const destination = DESTINATIONS.find(({ element }) => element === node.name)
    if (destination === undefined) throw new S3Error('MalformedXML')
    const { kind, arnElement } = destination
    allow(node, ['Id', arnElement, 'Event', 'Filter'])
    const id = optionalText(node, 'Id') || randomUUID()
    if (id.length > MAX_ID) throw invalid('ID length should not exceed allowed limit of 255')
    const arn = requiredText(node, arnElement).trim()
    const events = readEvents(node)
    const webhook = webhookOfArn(arn, kind, region)
    if (webhook === undefined || !webhooks.has(webhook)) {
      throw invalid('Unable to validate the following destination configurations', {
        ArgumentName: arn,
        ArgumentValue: 'The destination does not name a webhook of this server',
      })
    }
    return { id, kind, arn, webhook, events, ...readFilter(node) }
  })
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw invalid('Same ID used for multiple configurations. IDs must be unique')
  }
  checkOverlaps(rules)
  return { rules }
}
