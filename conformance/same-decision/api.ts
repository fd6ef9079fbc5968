import assert from 'node:assert/strict'
import { uriEncode } from '../sigv4.ts'
import { type Caller, isAllowed, type Operation, type Row } from './model.ts'

/** What the API decides, by presigned URLs in one batch and by lists. */
export async function decidedAlike(
  caller: Caller,
  operations: readonly Operation[],
  rows: readonly Row[],
  about: (what: string) => string,
): Promise<void> {
  const clean = operations.filter(({ key = '' }) => !key.split('/').includes('..'))
  const objects = clean.filter(({ action }) => action !== 'list')
  const verbs = { read: 'get', write: 'put', delete: 'delete', list: '' }
  const requests = objects.map(({ action, bucket, key }) => ({ bucket, key, operation: verbs[action] }))
  const answer = await caller.api.post('/s3/presigned-urls', { requests })
  assert.equal(answer.status, 200, about(answer.text))
  const { results } = answer.json<{ results: { url?: string; problem?: { code: string } }[] }>()
  for (const [index, operation] of objects.entries()) {
    const { url, problem } = results[index]!
    assert.ok(url !== undefined || problem?.code === 'forbidden', about(JSON.stringify(problem)))
    const what = `the API, ${JSON.stringify(operation)}`
    assert.equal(url !== undefined, isAllowed(rows, caller, operation), about(what))
  }
  for (const operation of clean.filter(({ action }) => action === 'list')) {
    const { bucket, key } = operation
    const query = key === undefined ? '' : `&prefix=${uriEncode(key)}`
    const { status } = await caller.api.get(`/s3/list/${bucket}?limit=1${query}`)
    assert.ok(status === 200 || status === 403, about(`a list was answered ${status}`))
    assert.equal(status === 200, isAllowed(rows, caller, operation), about(`the API, ${JSON.stringify(operation)}`))
  }
}
