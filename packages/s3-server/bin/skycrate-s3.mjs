#!/usr/bin/env node
// Plain JavaScript for whatever Node starts it: the server itself needs a recent one, which launch.mjs finds.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { launch } from './launch.mjs'

/** From a checkout the sources, from the packed form what was built of them. */
const main = ['../src/main.ts', '../src/main.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))

await launch('skycrate-s3', main, {
  // Little is alive at a time. With the defaults garbage takes twice the room that all else does before it is collected.
  flags: ['--max-semi-space-size=2', '--heap-growing-percent=30'],
  // The C library's. By default threads get memory of their own, where each keeps what it freed, and what is kept grows with
  // the largest that was ever freed.
  env: { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072' },
})
