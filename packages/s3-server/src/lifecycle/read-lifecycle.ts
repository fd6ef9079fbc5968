import { randomUUID } from 'node:crypto'
import { S3Error } from '../s3-error.ts'
import { parseStorageClass } from '../objects/storage-class.ts'
import type { StorageClass } from '../objects/storage-class.ts'
import { MAX_OBJECT_TAGS, readTags } from '../objects/tags.ts'
import { childrenOf, optionalText, requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { TRANSITION_SIZES } from './lifecycle-configuration.ts'
import type {
  LifecycleConfiguration,
  LifecycleFilter,
  LifecycleRule,
  LifecycleTime,
  NoncurrentTime,
  Transition,
} from './lifecycle-configuration.ts'

const DAY = 86_400_000
const MAX_RULES = 1000
const MAX_ID = 255
const MAX_DAYS = 2_147_483_647
const MAX_NEWER_VERSIONS = 100
/** Days that an object must have been in S3 before it may go to these classes. */
const MIN_DAYS: Readonly<Partial<Record<StorageClass, number>>> = { STANDARD_IA: 30, ONEZONE_IA: 30 }

const invalid = (message: string): S3Error => new S3Error('InvalidArgument', { message })
const refused = (message: string): S3Error => new S3Error('InvalidRequest', { message })

/** @throws S3Error MalformedXML for elements that S3's schema does not have there */
const allow = (node: XmlNode, names: readonly string[]): void => {
  if (node.children.some(({ name }) => !names.includes(name))) throw new S3Error('MalformedXML')
}

const onlyChild = (node: XmlNode, name: string): XmlNode | undefined => {
  const [first, second] = childrenOf(node, name)
  if (second !== undefined) throw new S3Error('MalformedXML')
  return first
}

const readInteger = (node: XmlNode, name: string): number | undefined => {
  const text = optionalText(node, name)?.trim()
  if (text === undefined) return undefined
  if (!/^-?[0-9]{1,15}$/.test(text)) throw new S3Error('MalformedXML')
  return Number(text)
}

const readDays = (node: XmlNode, name: string, action: string, min = 1): number | undefined => {
  const days = readInteger(node, name)
  if (days !== undefined && (days < min || days > MAX_DAYS)) {
    throw invalid(`'${name}' for ${action} action must be a ${min === 0 ? 'nonnegative' : 'positive'} integer`)
  }
  return days
}

const readDate = (node: XmlNode): number | undefined => {
  const text = optionalText(node, 'Date')?.trim()
  if (text === undefined) return undefined
  const [, time] = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(?:Z|[+-][0-9]{2}:[0-9]{2}))?$/.exec(text) ?? []
  const date = Date.parse(time === undefined && text.length > 10 ? '' : text)
  if (Number.isNaN(date)) throw new S3Error('MalformedXML')
  if (date % DAY !== 0) throw invalid("'Date' must be at midnight GMT")
  return date
}

const readTime = (node: XmlNode, action: string, minDays: number): LifecycleTime | undefined => {
  const days = readDays(node, 'Days', action, minDays)
  const date = readDate(node)
  if (days !== undefined && date !== undefined) throw new S3Error('MalformedXML')
  return days === undefined ? (date === undefined ? undefined : { date }) : { days }
}

const readSize = (node: XmlNode, name: string): number | undefined => {
  const size = readInteger(node, name)
  if (size !== undefined && size < 0) throw invalid(`'${name}' must be a nonnegative integer`)
  return size
}

const readPredicates = (node: XmlNode): Omit<LifecycleFilter, 'form'> => {
  const sizeGreaterThan = readSize(node, 'ObjectSizeGreaterThan')
  const sizeLessThan = readSize(node, 'ObjectSizeLessThan')
  if (sizeGreaterThan !== undefined && sizeLessThan !== undefined && sizeGreaterThan >= sizeLessThan) {
    throw refused("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'")
  }
  const prefix = optionalText(node, 'Prefix')
  return { prefix, tags: readTags(node, MAX_OBJECT_TAGS), sizeGreaterThan, sizeLessThan }
}

const PREDICATES = ['Prefix', 'Tag', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan']

const readFilter = (rule: XmlNode): LifecycleFilter => {
  const filter = onlyChild(rule, 'Filter')
  const prefix = optionalText(rule, 'Prefix')
  if ((filter === undefined) === (prefix === undefined)) throw new S3Error('MalformedXML')
  if (filter === undefined) {
    return { form: 'prefix', prefix, tags: [], sizeGreaterThan: undefined, sizeLessThan: undefined }
  }
  allow(filter, [...PREDICATES, 'And'])
  if (filter.children.length > 1) throw new S3Error('MalformedXML')
  const and = onlyChild(filter, 'And')
  if (and === undefined) return { form: 'filter', ...readPredicates(filter) }
  allow(and, PREDICATES)
  if (and.children.length < 2) throw new S3Error('MalformedXML')
  return { form: 'and', ...readPredicates(and) }
}

const readExpiration = (rule: XmlNode): LifecycleRule['expiration'] => {
  const node = onlyChild(rule, 'Expiration')
  if (node === undefined) return undefined
  allow(node, ['Days', 'Date', 'ExpiredObjectDeleteMarker'])
  if (node.children.length !== 1) throw new S3Error('MalformedXML')
  const marker = optionalText(node, 'ExpiredObjectDeleteMarker')?.trim()
  if (marker === undefined) return readTime(node, 'Expiration', 1)
  if (marker !== 'true' && marker !== 'false') throw new S3Error('MalformedXML')
  return { expiredMarkers: marker === 'true' }
}

const readNoncurrent = (node: XmlNode, action: string, minDays: number): NoncurrentTime => {
  const days = readDays(node, 'NoncurrentDays', action, minDays)
  if (days === undefined) throw new S3Error('MalformedXML')
  const newerVersions = readInteger(node, 'NewerNoncurrentVersions')
  if (newerVersions !== undefined && (newerVersions < 1 || newerVersions > MAX_NEWER_VERSIONS)) {
    throw invalid("'NewerNoncurrentVersions' must be a positive integer between 1 and 100")
  }
  return { days, newerVersions }
}

const readNoncurrentExpiration = (rule: XmlNode): NoncurrentTime | undefined => {
  const node = onlyChild(rule, 'NoncurrentVersionExpiration')
  if (node === undefined) return undefined
  allow(node, ['NoncurrentDays', 'NewerNoncurrentVersions'])
  return readNoncurrent(node, 'NoncurrentVersionExpiration', 1)
}

const readTarget = (node: XmlNode, action: string, days: number | undefined): StorageClass => {
  const storageClass = parseStorageClass(requiredText(node, 'StorageClass').trim())
  if (storageClass === undefined || storageClass === 'STANDARD' || storageClass === 'REDUCED_REDUNDANCY') {
    throw new S3Error('MalformedXML')
  }
  const min = MIN_DAYS[storageClass] ?? 0
  if (days !== undefined && days < min) {
    throw invalid(
      `'Days' in ${action} action must be greater than or equal to ${min} for storageClass '${storageClass}'`,
    )
  }
  return storageClass
}

const readTransition = (node: XmlNode): Transition => {
  allow(node, ['Days', 'Date', 'StorageClass'])
  const time = readTime(node, 'Transition', 0)
  if (time === undefined) throw new S3Error('MalformedXML')
  return { ...time, storageClass: readTarget(node, 'Transition', 'days' in time ? time.days : undefined) }
}

const readNoncurrentTransition = (node: XmlNode): LifecycleRule['noncurrentTransitions'][number] => {
  allow(node, ['NoncurrentDays', 'NewerNoncurrentVersions', 'StorageClass'])
  const time = readNoncurrent(node, 'NoncurrentVersionTransition', 0)
  return { ...time, storageClass: readTarget(node, 'NoncurrentVersionTransition', time.days) }
}

const readAbort = (rule: XmlNode): number | undefined => {
  const node = onlyChild(rule, 'AbortIncompleteMultipartUpload')
  if (node === undefined) return undefined
  allow(node, ['DaysAfterInitiation'])
  const days = readDays(node, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload')
  if (days === undefined) throw new S3Error('MalformedXML')
  return days
}

/** What a rule may not say all at once. @throws S3Error InvalidRequest or InvalidArgument */
const checkTogether = (rule: LifecycleRule): LifecycleRule => {
  const { filter, expiration, transitions, noncurrentTransitions, noncurrentExpiration } = rule
  const hasSize = filter.sizeGreaterThan !== undefined || filter.sizeLessThan !== undefined
  const expiresMarkers = expiration !== undefined && 'expiredMarkers' in expiration
  if (expiresMarkers && (filter.tags.length > 0 || hasSize)) {
    throw refused(`ExpiredObjectDeleteMarker cannot be specified with ${hasSize ? 'object sizes' : 'Tags'}.`)
  }
  if (rule.abortUploadsAfterDays !== undefined && (filter.tags.length > 0 || hasSize)) {
    throw refused(`AbortIncompleteMultipartUpload cannot be specified with ${hasSize ? 'object sizes' : 'Tags'}.`)
  }
  if (
    expiration === undefined &&
    noncurrentExpiration === undefined &&
    transitions.length + noncurrentTransitions.length === 0 &&
    rule.abortUploadsAfterDays === undefined
  ) {
    throw refused('At least one action needs to be specified in a rule.')
  }
  for (const list of [transitions, noncurrentTransitions]) {
    if (new Set(list.map(({ storageClass }) => storageClass)).size < list.length) {
      throw refused("'StorageClass' must be different for the transitions of one rule")
    }
  }
  const times = [...transitions, ...(expiration === undefined || expiresMarkers ? [] : [expiration])]
  if (times.some((time) => 'days' in time) && times.some((time) => 'date' in time)) {
    throw refused("Found mixed 'Date' and 'Days' based Expiration and Transition actions in one lifecycle rule")
  }
  const last = (list: readonly object[]): number =>
    Math.max(-1, ...list.map((time) => ('days' in time ? Number(time.days) : -1)))
  if (expiration !== undefined && 'days' in expiration && expiration.days <= last(transitions)) {
    throw invalid("'Days' in the Expiration action must be greater than 'Days' in the Transition action")
  }
  if (noncurrentExpiration !== undefined && noncurrentExpiration.days <= last(noncurrentTransitions)) {
    throw invalid(
      "'NoncurrentDays' in the NoncurrentVersionExpiration action must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action",
    )
  }
  return rule
}

const readRule = (node: XmlNode): LifecycleRule => {
  allow(node, [
    'ID',
    'Status',
    'Prefix',
    'Filter',
    'Expiration',
    'NoncurrentVersionExpiration',
    'Transition',
    'NoncurrentVersionTransition',
    'AbortIncompleteMultipartUpload',
  ])
  const status = requiredText(node, 'Status')
  if (status !== 'Enabled' && status !== 'Disabled') throw new S3Error('MalformedXML')
  const id = optionalText(node, 'ID') || randomUUID()
  if (id.length > MAX_ID) throw invalid('ID length should not exceed allowed limit of 255')
  return checkTogether({
    id,
    enabled: status === 'Enabled',
    filter: readFilter(node),
    expiration: readExpiration(node),
    noncurrentExpiration: readNoncurrentExpiration(node),
    transitions: childrenOf(node, 'Transition').map(readTransition),
    noncurrentTransitions: childrenOf(node, 'NoncurrentVersionTransition').map(readNoncurrentTransition),
    abortUploadsAfterDays: readAbort(node),
  })
}

/**
 * Reads a lifecycle configuration. Rules without an ID get one, as on S3.
 *
 * @param smallObjects the header `x-amz-transition-default-minimum-object-size`
 * @throws S3Error MalformedXML, InvalidArgument, InvalidRequest or InvalidTag
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
 */
export const readLifecycle = (root: XmlNode, smallObjects: string | undefined): LifecycleConfiguration => {
  allow(root, ['Rule'])
  const size = TRANSITION_SIZES.find((name) => name === (smallObjects ?? TRANSITION_SIZES[0]))
  if (size === undefined) throw refused('Invalid transition default minimum object size was provided.')
  if (root.children.length === 0 || root.children.length > MAX_RULES) throw new S3Error('MalformedXML')
  const rules = root.children.map(readRule)
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw invalid('Rule ID must be unique. Found the same ID for more than one rule.')
  }
  return { rules, smallObjects: size }
}
