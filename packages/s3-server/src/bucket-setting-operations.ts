import type { HeaderReader } from './http/header-reader.ts'
import { readXmlDocument } from './http/read-document.ts'
import { refreshBucket } from './objects/find-bucket.ts'
import type { Operation } from './operation.ts'
import type { S3Action } from './s3-action.ts'
import { emptyReply, xmlReply } from './reply.ts'
import { S3Error } from './s3-error.ts'
import type { S3ErrorCode } from './s3-error.ts'
import type { BucketSettingKind } from './store/tables/bucket-table.ts'
import type { XmlNode } from '@skycrate/aws-wire/read-xml'
import type { XmlElement } from '@skycrate/aws-wire/write-xml'

/** A configuration of a bucket that is put, read and deleted as one XML document. */
export interface BucketSetting<T> {
  /** As in `Put…`, `Get…` and `Delete…`. */
  readonly name: string
  readonly kind: BucketSettingKind
  /** The query parameter that names it. */
  readonly subresource: string
  readonly root: string
  readonly actions: { readonly get: S3Action; readonly put: S3Action; readonly delete?: S3Action }
  /** The error of reading what was never put. */
  readonly missing: S3ErrorCode
  readonly putStatus: 200 | 204
  /** @throws S3Error for what is not valid or not implemented: only what holds afterwards is accepted */
  readonly read: (root: XmlNode, headers: HeaderReader) => T
  readonly write: (value: T) => XmlElement
  /** What the answers of Get and Put say of it in headers. */
  readonly headers?: (value: T) => Readonly<Record<string, string>>
}

/** The three operations of a bucket configuration. */
export const bucketSettingOperations = <T>(setting: BucketSetting<T>): readonly Operation[] => [
  {
    name: `Get${setting.name}`,
    method: 'GET',
    scope: 'bucket',
    requires: [setting.subresource],
    access: { by: 'signature', action: setting.actions.get },
    run: ({ site }, bucket) => {
      const document = site.store.buckets.setting(bucket.id, setting.kind)
      if (document === undefined) throw new S3Error(setting.missing, { fields: { BucketName: bucket.name } })
      const value = JSON.parse(document) as T
      return xmlReply(setting.write(value), setting.headers?.(value))
    },
  },
  {
    name: `Put${setting.name}`,
    method: 'PUT',
    scope: 'bucket',
    requires: [setting.subresource],
    access: { by: 'signature', action: setting.actions.put },
    run: async (context, bucket) => {
      const { store } = context.site
      const value = setting.read(await readXmlDocument(context, setting.root), context.request.headers)
      const document = JSON.stringify(value)
      await store.index.write(() => {
        store.buckets.putSetting(refreshBucket(store, bucket).id, setting.kind, document)
      })
      return emptyReply(setting.putStatus, setting.headers?.(value))
    },
  },
  {
    name: `Delete${setting.name}`,
    method: 'DELETE',
    scope: 'bucket',
    requires: [setting.subresource],
    access: { by: 'signature', action: setting.actions.delete ?? setting.actions.put },
    run: async ({ site: { store } }, bucket) => {
      await store.index.write(() => {
        store.buckets.deleteSetting(refreshBucket(store, bucket).id, setting.kind)
      })
      return emptyReply(204)
    },
  },
]
