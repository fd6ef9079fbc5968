import { S3Error } from './s3-error.ts'
import { childrenOf, optionalText, requiredChild, requiredText } from './xml/read-xml.ts'
import type { XmlNode } from './xml/read-xml.ts'
import { element, optionalElement } from './xml/write-xml.ts'
import type { XmlElement } from './xml/write-xml.ts'

export interface LifecycleRule {
  readonly id: string | undefined
  readonly enabled: boolean
  readonly prefix: string
  /** Days after its start at which an unfinished multipart upload is aborted. */
  readonly abortUploadsAfterDays: number | undefined
}

export interface LifecycleConfiguration {
  readonly rules: readonly LifecycleRule[]
}

export const isLifecycleConfiguration = (value: unknown): value is LifecycleConfiguration =>
  typeof value === 'object' && value !== null && 'rules' in value && Array.isArray(value.rules)

const KNOWN = new Set(['ID', 'Status', 'Prefix', 'Filter', 'AbortIncompleteMultipartUpload'])
const MAX_RULES = 1000

const readPrefix = (rule: XmlNode): string => {
  const [filter] = childrenOf(rule, 'Filter')
  if (filter === undefined) return optionalText(rule, 'Prefix') ?? ''
  if (filter.children.some((child) => child.name !== 'Prefix')) {
    throw new S3Error('NotImplemented', { message: 'Lifecycle filters other than Prefix are not implemented.' })
  }
  return optionalText(filter, 'Prefix') ?? ''
}

const readRule = (rule: XmlNode): LifecycleRule => {
  const unknown = rule.children.find((child) => !KNOWN.has(child.name))
  if (unknown !== undefined) {
    throw new S3Error('NotImplemented', { message: `The lifecycle element ${unknown.name} is not implemented.` })
  }
  const status = requiredText(rule, 'Status')
  if (status !== 'Enabled' && status !== 'Disabled') throw new S3Error('MalformedXML')
  const days = Number(requiredText(requiredChild(rule, 'AbortIncompleteMultipartUpload'), 'DaysAfterInitiation'))
  if (!Number.isInteger(days) || days < 1) {
    throw new S3Error('InvalidArgument', { message: 'DaysAfterInitiation must be a positive integer.' })
  }
  const id = optionalText(rule, 'ID')
  if (id !== undefined && id.length > 255) throw new S3Error('InvalidArgument', { message: 'ID is too long.' })
  return { id, enabled: status === 'Enabled', prefix: readPrefix(rule), abortUploadsAfterDays: days }
}

/**
 * Reads a lifecycle configuration. Only what really runs is taken.
 *
 * @throws S3Error NotImplemented for expirations and transitions, MalformedXML, InvalidArgument
 */
export const readLifecycle = (root: XmlNode): LifecycleConfiguration => {
  const rules = childrenOf(root, 'Rule').map(readRule)
  if (rules.length === 0 || rules.length > MAX_RULES) throw new S3Error('MalformedXML')
  const ids = rules.map((rule) => rule.id).filter((id) => id !== undefined)
  if (new Set(ids).size < ids.length) {
    throw new S3Error('InvalidArgument', {
      message: 'Rule ID must be unique. Found the same ID for more than one rule.',
    })
  }
  return { rules }
}

export const writeLifecycle = ({ rules }: LifecycleConfiguration): XmlElement =>
  element(
    'LifecycleConfiguration',
    rules.map((rule) =>
      element('Rule', [
        optionalElement('ID', rule.id),
        element('Filter', [element('Prefix', rule.prefix)]),
        element('Status', rule.enabled ? 'Enabled' : 'Disabled'),
        element('AbortIncompleteMultipartUpload', [element('DaysAfterInitiation', rule.abortUploadsAfterDays ?? 0)]),
      ]),
    ),
  )
