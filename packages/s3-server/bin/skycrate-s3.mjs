#!/usr/bin/env node
// Plain JavaScript for whatever Node starts it: the server itself needs a recent one, which launch.mjs finds.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { launch } from './launch.mjs'

/** From a checkout the sources, from the packed form what was built of them. */
const main = ['../src/main.ts', '../src/main.js']
  .map((path) => fileURLToPath(new URL(path, import.meta.url)))
  .find((path) => existsSync(path))

await launch('skycrate-s3', main)
