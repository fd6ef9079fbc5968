import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createJob } from './create-job.ts'
import { matchInterrupted } from './interrupted-jobs.ts'

const file = (path: string, text = path, lastModified = 1): File => {
  const made = new File([text], path.split('/').at(-1) ?? '', { lastModified })
  return Object.defineProperty(made, 'webkitRelativePath', { value: path.includes('/') ? path : '' })
}
const job = (path: string, state: 'interrupted' | 'done' = 'interrupted') =>
  createJob({ batch: 1, bucket: 'b', prefix: '', path, size: path.length, lastModified: 1, state })

test('a file goes on with the upload of its path, or else of its name', () => {
  const [one, two] = [job('a/x.txt'), job('b/x.txt')]
  const found = matchInterrupted([one, two], [file('b/x.txt'), file('x.txt', 'a/x.txt')])
  assert.deepEqual(
    found.map((each) => each.job),
    [two, one],
  )
})

test('a file that changed, or whose upload is not interrupted, belongs to none; each upload gets one file', () => {
  assert.deepEqual(matchInterrupted([job('x.txt')], [file('x.txt', 'longer than it was')]), [])
  assert.deepEqual(matchInterrupted([job('x.txt')], [file('x.txt', 'x.txt', 2)]), [])
  assert.deepEqual(matchInterrupted([job('x.txt', 'done')], [file('x.txt')]), [])
  assert.equal(matchInterrupted([job('x.txt')], [file('x.txt'), file('x.txt')]).length, 1)
})
