import type { Site } from './request-context.ts'
import { element } from './xml/write-xml.ts'
import type { XmlElement } from './xml/write-xml.ts'

/** Everything belongs to the root key: objects always belong to the bucket's owner here (BucketOwnerEnforced). */
export const ownerElement = ({ ownerId }: Site, name: 'Owner' | 'Initiator' = 'Owner'): XmlElement =>
  element(name, [element('ID', ownerId)])
