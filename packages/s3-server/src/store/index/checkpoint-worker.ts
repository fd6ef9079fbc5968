// A thread of its own: for each message it copies what the index's write-ahead log has into the index and syncs both,
// beside the server's thread, which goes on reading and writing. It answers with what failed, or undefined.
import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'

const index = new DatabaseSync(workerData as string, { timeout: 10_000 })

parentPort?.on('message', () => {
  let failure: string | undefined
  try {
    index.exec('PRAGMA wal_checkpoint(PASSIVE)')
  } catch (error) {
    failure = String(error)
  }
  parentPort?.postMessage(failure)
})
