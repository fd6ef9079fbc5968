// Loaded ahead of each file of tests that has a process of its own.
import { after } from 'node:test'

const PATIENCE_MS = Number(process.env['SKYCRATE_TEST_PATIENCE_MS'] ?? 60_000)

// What a failed set-up has left running would keep the file, and with it the whole run, from ever ending.
after(() => {
  setTimeout(() => {
    process.stdout.write(`Still running ${PATIENCE_MS / 1000} s after the last test: ${process.argv[1]}\n`)
    process.exit(1)
  }, PATIENCE_MS).unref()
})
