#!/usr/bin/env node
// Plain JavaScript for whatever Node starts it, as that of the store.
import { fileURLToPath } from 'node:url'
import { launch } from '../../s3-server/bin/launch.mjs'

await launch('skycrate-s3-copy', fileURLToPath(new URL('../src/main.ts', import.meta.url)))
