import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { BlobId } from '@skycrate/s3-server/store/blobs/blob-id'
import { storeNotice } from './store-notice.ts'

test('damage is an error, with keys only where the operator lets logs name keys', () => {
  const blobId = 'x' as BlobId
  const place = { bucketId: 1, bucket: 'b', key: 'salaries/alice.txt', id: 'v1', part: undefined }
  const users = [{ blobId, kind: 'version', ...place }] as const
  const notice = { kind: 'damage', finding: { blobId, damage: 'changed', users } } as const
  const named = storeNotice(notice, true)
  assert.equal(named.level, 'error')
  assert.match(JSON.stringify(named.fields), /alice.*b/)
  const unnamed = JSON.stringify(storeNotice(notice, false))
  assert.doesNotMatch(unnamed, /alice/)
  assert.match(unnamed, /"bucket":"b".*"id":"v1"/)
})

test('events that are lost are an error, a webhook that fails a warning, and one that recovers none', () => {
  const webhook = 'thumbnails'
  const level = (note: Extract<Parameters<typeof storeNotice>[0], { kind: 'delivery' }>['note']) =>
    storeNotice({ kind: 'delivery', note }, true).level
  assert.equal(level({ kind: 'dropped', webhook, reason: 'age', count: 3 }), 'error')
  assert.equal(level({ kind: 'failing', webhook, reason: 'status 503' }), 'warn')
  assert.equal(level({ kind: 'recovered', webhook }), 'info')
})
