import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { RouteName } from './paths.ts'
import type { Route } from './route.ts'
import { ROUTES } from './routes.ts'

test('every body that a route takes or answers has examples, and they fit its schema', () => {
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const route: Route = ROUTES[name]
    for (const schema of [route.body, route.success.body]) {
      if (schema === undefined) continue
      const { $id, examples = [] } = schema as TSchema & { $id?: string; examples?: unknown[] }
      assert.ok(examples.length > 0, `${name}: ${$id ?? 'a body'} has no examples`)
      const fits = Compile(schema)
      for (const example of examples) assert.deepEqual([...fits.Errors(example)], [], `${name}: ${$id}`)
    }
  }
})
