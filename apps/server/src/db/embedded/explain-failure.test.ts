import assert from 'node:assert/strict'
import test from 'node:test'
import { explainFailure } from './explain-failure.ts'

const cases: readonly (readonly [string, RegExp])[] = [
  ['could not write to file "x": No space left on device', /\(the disk that holds \/data is full: make room there\)$/],
  ["EACCES: permission denied, mkdir '/data'", /\(check who owns \/data/],
  ['attempt to write a readonly database', /\(check who owns \/data/],
  ["EROFS: read-only file system, mkdir '/data'", /\(\/data is on a read-only file system\)$/],
  ['database files are incompatible with server', /\(\/data was made by another major version/],
  ['could not look up effective user ID 7: user does not exist', /\(run SkyCrate as a user that \/etc\/passwd names/],
  ['spawn /x/postgres ENOENT', /\(its binaries do not run on this system/],
  ['something nobody has seen', /^it failed: something nobody has seen$/],
]

for (const [reason, message] of cases) {
  test(`the operator reads what to do about: ${reason}`, () => {
    assert.match(explainFailure('it failed', reason, '/data').message, message)
  })
}
