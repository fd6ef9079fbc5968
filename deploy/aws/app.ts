// `npm run synth`, or `npx aws-cdk@2.1148.1 deploy` with an account: writes the templates to cdk.out.
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildApp } from './build-app.ts'

const packed = fileURLToPath(new URL('../../artifacts/lambda', import.meta.url))
buildApp({
  outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out',
  code: existsSync(packed) ? packed : undefined,
}).synth()
