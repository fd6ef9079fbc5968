import { readFileSync, writeFileSync } from 'node:fs'
import { openApiDocument } from './openapi.ts'
import { VERSION } from './version.ts'

const file = new URL('../openapi.json', import.meta.url)
const text = `${JSON.stringify(openApiDocument(VERSION), null, 2)}\n`

if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    process.stderr.write('packages/contract/openapi.json is not what the route table says: run npm run openapi\n')
    process.exit(1)
  }
} else {
  writeFileSync(file, text)
}
