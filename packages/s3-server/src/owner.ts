import type { Site } from './request-context.ts'
import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

/** Everything belongs to the root key: objects always belong to the bucket's owner here (BucketOwnerEnforced). */
export const ownerElement = ({ ownerId }: Site, name: 'Owner' | 'Initiator' = 'Owner'): XmlElement =>
  element(name, [element('ID', ownerId)])
