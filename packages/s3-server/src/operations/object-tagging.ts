import { authorise } from '../auth/authorise.ts'
import { refreshBucket } from '../objects/find-bucket.ts'
import { findVersion, readVersionId } from '../objects/find-version.ts'
import { readXmlDocument } from '../http/read-document.ts'
import { requestOrigin } from '../notifications/event-origin.ts'
import type { EventName } from '../events/event-name.ts'
import { versionHeader } from '../objects/object-headers.ts'
import type { Operation } from '../operation.ts'
import { emptyReply, xmlReply } from '../reply.ts'
import type { RequestContext } from '../request-context.ts'
import type { Bucket } from '../store/tables/bucket-table.ts'
import { MAX_OBJECT_TAGS, readTagging, writeTagging } from '../objects/tags.ts'
import type { Tag } from '../objects/tags.ts'

/** By their keys, however they came. */
const inOrder = (tags: readonly Tag[]): Tag[] => tags.toSorted(([a], [b]) => (a < b ? -1 : 1))

const setTags = async (
  context: RequestContext,
  bucket: Bucket,
  key: string,
  tags: readonly Tag[],
  name: EventName,
): Promise<Record<string, string>> => {
  const { store } = context.site
  const version = await store.index.write(() => {
    const fresh = refreshBucket(store, bucket)
    const found = findVersion(store, fresh, key, readVersionId(context.request.query))
    store.objects.setAttributes(found, { ...found.attributes, tags })
    store.events.raise(fresh, { name, key, etag: found.etag, versionId: found.versionId }, requestOrigin(context))
    return found
  })
  return versionHeader(bucket, version.versionId)
}

export const objectTagging: readonly Operation[] = [
  {
    name: 'GetObjectTagging',
    method: 'GET',
    scope: 'object',
    requires: ['tagging'],
    allows: ['versionId'],
    access: { by: 'signature', action: 's3:GetObjectTagging', versionAction: 's3:GetObjectVersionTagging' },
    run: ({ site, request }, bucket, key) => {
      const version = findVersion(site.store, bucket, key, readVersionId(request.query))
      return xmlReply(writeTagging(inOrder(version.attributes.tags)), versionHeader(bucket, version.versionId))
    },
  },
  {
    name: 'PutObjectTagging',
    method: 'PUT',
    scope: 'object',
    requires: ['tagging'],
    allows: ['versionId'],
    access: { by: 'items', action: 's3:PutObjectTagging' },
    run: async (context, bucket, key) => {
      const tags = readTagging(await readXmlDocument(context, 'Tagging'), MAX_OBJECT_TAGS)
      const isOfVersion = context.request.query.has('versionId')
      const action = isOfVersion ? 's3:PutObjectVersionTagging' : 's3:PutObjectTagging'
      // Only now, since policies may have conditions on the tags.
      authorise(context.principal, action, { bucket: bucket.name, key, requestTags: tags })
      return emptyReply(200, await setTags(context, bucket, key, tags, 'ObjectTagging:Put'))
    },
  },
  {
    name: 'DeleteObjectTagging',
    method: 'DELETE',
    scope: 'object',
    requires: ['tagging'],
    allows: ['versionId'],
    access: { by: 'signature', action: 's3:DeleteObjectTagging', versionAction: 's3:DeleteObjectVersionTagging' },
    run: async (context, bucket, key) =>
      emptyReply(204, await setTags(context, bucket, key, [], 'ObjectTagging:Delete')),
  },
]
