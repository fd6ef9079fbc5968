// `npm run synth`, or `npx aws-cdk@2.1148.1 deploy` with an account: writes the templates to cdk.out.
import { buildApp } from './build-app.ts'

buildApp({ outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out' }).synth()
