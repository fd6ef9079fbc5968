import { createRequire } from 'node:module'

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

/** This release's version, from the one place that says it. */
export const VERSION = version
