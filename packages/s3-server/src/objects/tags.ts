import { canonicalQuery, parseQuery } from '@skycrate/core/sigv4/query'
import { S3Error } from '../s3-error.ts'
import { childrenOf, requiredChild, requiredText } from '@skycrate/aws-wire/read-xml'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import { element } from '@skycrate/aws-wire/write-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

export type Tag = readonly [key: string, value: string]

export const MAX_OBJECT_TAGS = 10
export const MAX_BUCKET_TAGS = 50

/** @throws S3Error InvalidTag, or BadRequest's kin for too many */
const checkTags = (tags: readonly Tag[], limit: number): readonly Tag[] => {
  if (tags.length > limit) {
    throw new S3Error('InvalidTag', { message: `There can be at most ${limit} tags.` })
  }
  for (const [key, value] of tags) {
    if (key.length < 1 || key.length > 128)
      throw new S3Error('InvalidTag', { message: 'A TagKey is 1 to 128 characters.' })
    if (value.length > 256) throw new S3Error('InvalidTag', { message: 'A TagValue is at most 256 characters.' })
    if (/^aws:/i.test(key)) throw new S3Error('InvalidTag', { message: 'System tags cannot be added.' })
  }
  if (new Set(tags.map(([key]) => key)).size < tags.length) {
    throw new S3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key.' })
  }
  return tags
}

/** Reads the `<Tag>` children of an element. @throws S3Error MalformedXML or InvalidTag */
export const readTags = (parent: XmlNode, limit: number): readonly Tag[] =>
  checkTags(
    childrenOf(parent, 'Tag').map((tag) => [requiredText(tag, 'Key'), requiredText(tag, 'Value')]),
    limit,
  )

/** Reads a `<Tagging>` document. @throws S3Error MalformedXML or InvalidTag */
export const readTagging = (root: XmlNode, limit: number): readonly Tag[] =>
  readTags(requiredChild(root, 'TagSet'), limit)

/** Reads an `x-amz-tagging` header. @throws S3Error InvalidArgument or InvalidTag */
export const readTagHeader = (text: string): readonly Tag[] => {
  const parameters = parseQuery(text)
  if (parameters === undefined) {
    throw new S3Error('InvalidArgument', {
      message: 'The header x-amz-tagging shall be encoded as UTF-8 then URLEncoded URL query parameters.',
    })
  }
  return checkTags(parameters, MAX_OBJECT_TAGS)
}

/** As an `x-amz-tagging` header. */
export const writeTagHeader = (tags: readonly Tag[]): string => canonicalQuery(tags)

export const writeTags = (tags: readonly Tag[]): XmlElement[] =>
  tags.map(([key, value]) => element('Tag', [element('Key', key), element('Value', value)]))

export const writeTagging = (tags: readonly Tag[]): XmlElement =>
  element('Tagging', [element('TagSet', writeTags(tags))])
