import assert from 'node:assert/strict'
import { statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { toS3Error } from '../../http/write-reply.ts'
import { DiskRoom } from './disk-room.ts'

test('what does not fit beside the reserve is refused as a full disk, and what fits is not', async () => {
  const room = new DiskRoom(tmpdir(), () => true)
  const { bavail, bsize } = await statfs(tmpdir())
  await room.claim(1)
  const refusal = await room.claim(bavail * bsize - 1024 * 1024).then(
    () => undefined,
    (error: unknown) => toS3Error(error),
  )
  assert.equal(refusal?.code, 'ServiceUnavailable')
  assert.equal(refusal?.status, 503)
  assert.match(refusal?.message ?? '', /disk/)
  await room.claim(1)
})
