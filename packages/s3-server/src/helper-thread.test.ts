import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { HelperThread } from './helper-thread.ts'

/** Answers with its own number, or fails when asked to. */
const WORKER = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, threadId, workerData } from 'node:worker_threads'
    parentPort.on('message', ({ number, content }) => {
      if (content === 'fail') throw new Error('as it was told to')
      parentPort.postMessage({ number, content: { threadId, workerData, content } })
    })
  `)}`,
)

interface Answer {
  readonly threadId: number
  readonly workerData: unknown
  readonly content: string
}

const startThread = () => {
  const thread = new HelperThread<string, Answer>(WORKER, 'data')
  return { thread, [Symbol.asyncDispose]: () => thread.close() }
}

test('those who hold it at once share a thread, which ends some time after the last of them', async () => {
  await using made = startThread()
  const { thread } = made
  const first = thread.hold()
  const second = thread.hold()
  const { threadId, workerData, content } = await first.ask('a')
  assert.deepEqual([workerData, content, thread.holds], ['data', 'a', 2])
  first[Symbol.dispose]()
  first[Symbol.dispose]()
  await sleep(2500)
  assert.equal((await second.ask('b')).threadId, threadId)
  second[Symbol.dispose]()
  {
    using third = thread.hold()
    assert.equal((await third.ask('c')).threadId, threadId, 'soon after')
    await sleep(2500)
    assert.equal((await third.ask('c')).threadId, threadId, 'and as long as it is held')
  }
  await sleep(2500)
  await assert.rejects(second.ask('d'), /has ended/)
  using fourth = thread.hold()
  assert.notEqual((await fourth.ask('e')).threadId, threadId)
})

test('when it fails all that was asked fails, and the next who needs one has another', async () => {
  await using made = startThread()
  using held = made.thread.hold()
  const asked = ['a', 'fail', 'b'].map((request) => held.ask(request))
  const outcomes = await Promise.allSettled(asked)
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  await assert.rejects(held.ask('c'), ({ cause }) => /as it was told/.test(String(cause)))
  using next = made.thread.hold()
  assert.equal((await next.ask('d')).content, 'd')
  // The end of the failed one's use does not end the other.
  held[Symbol.dispose]()
  assert.equal(made.thread.holds, 1)
})
