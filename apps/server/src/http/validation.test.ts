import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ListQuery, PresignRequest } from '@skycrate/contract/objects/schemas'
import { NewPermission } from '@skycrate/contract/permissions/schemas'
import type { TSchema } from 'typebox'
import { AppError } from '../errors/app-error.ts'
import { compileValidator } from './validation.ts'

function check(
  schema: TSchema,
  httpPart: 'body' | 'querystring',
  value: unknown,
): { value?: unknown; paths?: string[] } {
  const validate = compileValidator({ schema, method: 'POST', url: '/', httpPart })
  const result = validate(value) as { value?: unknown; error?: Error }
  if (result.error === undefined) return { value: result.value }
  assert.ok(result.error instanceof AppError)
  return { paths: result.error.errors!.map((error) => error.path) }
}

test('a right body passes as it is', () => {
  const body = { bucket: 'b', key: 'k', operation: 'get', expiresIn: 60 }
  assert.deepEqual(check(PresignRequest, 'body', body), { value: body })
})

test('every mistake of a body is named, and nothing is coerced', () => {
  const { paths } = check(PresignRequest, 'body', { bucket: 7, operation: 'take', expiresIn: '60', more: 1 })
  for (const path of ['/bucket', '/key', '/operation', '/expiresIn', '/more']) assert.ok(paths!.includes(path), path)
})

test('the bounds of expiresIn hold', () => {
  for (const expiresIn of [0, -1, 691_200, 1.5, null]) {
    const { paths } = check(PresignRequest, 'body', { bucket: 'b', key: 'k', operation: 'get', expiresIn })
    assert.deepEqual(paths, ['/expiresIn'], String(expiresIn))
  }
})

test('a body that is no object is refused', () => {
  for (const body of [null, [], 'text', 1, undefined]) assert.ok(check(PresignRequest, 'body', body).paths)
})

test('query parameters become numbers and get their defaults', () => {
  assert.deepEqual(check(ListQuery, 'querystring', { limit: '7' }), { value: { limit: 7, prefix: '' } })
  assert.deepEqual(check(ListQuery, 'querystring', {}), { value: { limit: 1000, prefix: '' } })
  for (const query of [
    { limit: '0' },
    { limit: '1001' },
    { limit: 'x' },
    { limit: ['1', '2'] },
    { prefix: ['a', 'b'] },
  ]) {
    assert.ok(check(ListQuery, 'querystring', query).paths, JSON.stringify(query))
  }
})

test('mistakes inside a union name their place', () => {
  const { paths } = check(NewPermission, 'body', {
    principal: { kind: 'nobody' },
    bucket: 'b',
    prefix: '',
    actions: [],
  })
  assert.ok(paths!.some((path) => path.startsWith('/principal')))
  assert.ok(paths!.includes('/actions'))
})
