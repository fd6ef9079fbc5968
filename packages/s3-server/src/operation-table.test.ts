import assert from 'node:assert/strict'
import { test } from 'node:test'
import { S3_ACTIONS } from '@skycrate/core/access/iam/s3-actions'
import { OPERATIONS } from './operation-table.ts'

test('a policy can name the action of every operation on a bucket or an object', () => {
  for (const { name, access, scope } of OPERATIONS) {
    if (scope === 'service' || !('action' in access)) continue
    const actions = [
      access.action,
      ...('versionAction' in access && access.versionAction ? [access.versionAction] : []),
    ]
    for (const action of actions) assert.ok(S3_ACTIONS.has(action.toLowerCase()), `${name} asks for ${action}`)
  }
})
