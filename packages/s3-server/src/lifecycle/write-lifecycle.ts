import { isoTime } from '../iso-time.ts'
import { writeTags } from '../objects/tags.ts'
import { element, optionalElement } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'
import type {
  LifecycleConfiguration,
  LifecycleFilter,
  LifecycleRule,
  LifecycleTime,
  NoncurrentTime,
} from './lifecycle-configuration.ts'

type Children = (XmlElement | undefined)[]

const timeElements = (time: LifecycleTime): Children => [
  'days' in time ? element('Days', time.days) : element('Date', isoTime(time.date)),
]

const noncurrentElements = ({ days, newerVersions }: NoncurrentTime): Children => [
  element('NoncurrentDays', days),
  optionalElement('NewerNoncurrentVersions', newerVersions),
]

const filterElement = (filter: LifecycleFilter): XmlElement => {
  const prefix = optionalElement('Prefix', filter.prefix)
  const predicates = [
    prefix,
    ...writeTags(filter.tags),
    optionalElement('ObjectSizeGreaterThan', filter.sizeGreaterThan),
    optionalElement('ObjectSizeLessThan', filter.sizeLessThan),
  ]
  switch (filter.form) {
    case 'prefix':
      return element('Prefix', filter.prefix ?? '')
    case 'filter':
      return element('Filter', predicates)
    case 'and':
      return element('Filter', [element('And', predicates)])
  }
}

const expirationElement = (expiration: NonNullable<LifecycleRule['expiration']>): XmlElement =>
  element(
    'Expiration',
    'expiredMarkers' in expiration
      ? [element('ExpiredObjectDeleteMarker', expiration.expiredMarkers)]
      : timeElements(expiration),
  )

const ruleElement = (rule: LifecycleRule): XmlElement =>
  element('Rule', [
    element('ID', rule.id),
    filterElement(rule.filter),
    element('Status', rule.enabled ? 'Enabled' : 'Disabled'),
    rule.expiration === undefined ? undefined : expirationElement(rule.expiration),
    rule.noncurrentExpiration === undefined
      ? undefined
      : element('NoncurrentVersionExpiration', noncurrentElements(rule.noncurrentExpiration)),
    ...rule.transitions.map((transition) =>
      element('Transition', [...timeElements(transition), element('StorageClass', transition.storageClass)]),
    ),
    ...rule.noncurrentTransitions.map((transition) =>
      element('NoncurrentVersionTransition', [
        ...noncurrentElements(transition),
        element('StorageClass', transition.storageClass),
      ]),
    ),
    rule.abortUploadsAfterDays === undefined
      ? undefined
      : element('AbortIncompleteMultipartUpload', [element('DaysAfterInitiation', rule.abortUploadsAfterDays)]),
  ])

/** The rules as they were put. */
export const writeLifecycle = ({ rules }: LifecycleConfiguration): XmlElement =>
  element('LifecycleConfiguration', rules.map(ruleElement))
