import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'
import type { NotificationConfiguration, NotificationRule } from '../events/notification-configuration.ts'
import { DESTINATIONS } from './read-notifications.ts'

const filterElements = ({ prefix, suffix }: NotificationRule): readonly (XmlElement | undefined)[] => {
  const rule = (name: string, value: string | undefined): XmlElement | undefined =>
    value === undefined ? undefined : element('FilterRule', [element('Name', name), element('Value', value)])
  if (prefix === undefined && suffix === undefined) return []
  return [element('Filter', [element('S3Key', [rule('Prefix', prefix), rule('Suffix', suffix)])])]
}

/** The rules as they were put, each kind of destination together. */
export const writeNotifications = ({ rules }: NotificationConfiguration): XmlElement =>
  element(
    'NotificationConfiguration',
    DESTINATIONS.flatMap(({ kind, element: name, arnElement }) =>
      rules
        .filter((rule) => rule.kind === kind)
        .map((rule) =>
          element(name, [
            element('Id', rule.id),
            element(arnElement, rule.arn),
            ...rule.events.map((type) => element('Event', type)),
            ...filterElements(rule),
          ]),
        ),
    ),
  )
