import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { complianceRows, mistakeOf } from '../../../scripts/compliance-rows.ts'
import { buildApp } from '../build-app.ts'
import { emptyCode } from './empty-code.ts'

const outdir = mkdtempSync(join(tmpdir(), 'skycrate-cdk-'))
after(() => rmSync(outdir, { recursive: true, force: true }))

test('the templates hold what docs/compliance.md says of them', () => {
  const templates = buildApp({ outdir, code: emptyCode(outdir) })
    .synth()
    .stacks.map(({ template }) => (template as { Resources: Parameters<typeof mistakeOf>[1][number] }).Resources)
  const rows = complianceRows(readFileSync(new URL('../../../docs/compliance.md', import.meta.url), 'utf8'))
  const claims = rows.flatMap(({ resources }) => resources)
  assert.ok(claims.length > 10)
  assert.deepEqual(
    claims.map((claim) => mistakeOf(claim, templates)).filter((mistake) => mistake !== undefined),
    [],
  )
})
