import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks } from 'cdk-nag'
import { ACKNOWLEDGED, type Acknowledgement } from './acknowledged.ts'
import { EdgeStack } from './edge-stack.ts'
import { ServerlessStack } from './serverless-stack.ts'
import { ServerStack } from './server-stack.ts'

/** All stacks, with the rule packs that they are held to. Nothing is looked up in an account. */
export function buildApp(options: {
  readonly outdir: string
  /** The folder that `scripts/pack-lambda.ts` has packed. Without it there is no serverless stack. */
  readonly code?: string | undefined
  readonly acknowledged?: readonly Acknowledgement[]
}): App {
  const app = new App({ outdir: options.outdir, analyticsReporting: false })
  new EdgeStack(app, 'SkyCrateEdge')
  new ServerStack(app, 'SkyCrate')
  if (options.code !== undefined) new ServerlessStack(app, 'SkyCrateServerless', { code: options.code })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app), new NIST80053R5Checks(app))
  for (const { ids, reason } of options.acknowledged ?? ACKNOWLEDGED) {
    for (const id of ids) Validations.of(app).acknowledge({ id, reason })
  }
  return app
}
