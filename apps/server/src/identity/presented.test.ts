import assert from 'node:assert/strict'
import { test } from 'node:test'
import { presentedBy } from './presented.ts'

const NAME = '__Host-skycrate'

test('a bearer token is what its header is, whatever cookie comes with it', () => {
  const bearer = { kind: 'bearer', key: 'Bearer abc' }
  assert.deepEqual(presentedBy({ authorization: 'Bearer abc' }, NAME), bearer)
  assert.deepEqual(presentedBy({ authorization: 'Bearer abc', cookie: `${NAME}=t` }, NAME), bearer)
  assert.equal(presentedBy({ authorization: '', cookie: `${NAME}=t` }, NAME)?.kind, 'bearer')
})

const COOKIES: readonly (readonly [string, string | undefined])[] = [
  [`${NAME}=t`, 't'],
  [`a=1; ${NAME}=t; b=2`, 't'],
  [`a=1;${NAME}=t;b=2`, 't'],
  [`x${NAME}=no; ${NAME}x=no; ${NAME}=t`, 't'],
  [`a=${NAME}=no`, undefined],
  [`${NAME}=first; ${NAME}=second`, 'first'],
  [`${NAME}=`, ''],
  [`${NAME}`, undefined],
  ['', undefined],
  [';;; ;', undefined],
]
for (const [header, token] of COOKIES) {
  test(`the cookies ${JSON.stringify(header)} present ${token ?? 'nothing'}`, () => {
    const presented = presentedBy({ cookie: header }, NAME)
    assert.equal(presented?.kind === 'cookie' ? presented.token : undefined, token)
  })
}

test('no Authorization header has the key of a cookie', () => {
  const key = presentedBy({ cookie: `${NAME}=t` }, NAME)?.key
  for (const authorization of ['t', 'cookie t', ' t', '\tt']) {
    assert.notEqual(presentedBy({ authorization }, NAME)?.key, key)
  }
})
