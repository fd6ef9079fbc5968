import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks } from 'cdk-nag'
import { ACKNOWLEDGED, type Acknowledgement } from './acknowledged.ts'
import { EdgeStack } from './edge-stack.ts'
import { ServerStack } from './server-stack.ts'

/** All stacks, with the rule packs that they are held to. Nothing is looked up in an account. */
export function buildApp(options: {
  readonly outdir: string
  readonly acknowledged?: readonly Acknowledgement[]
}): App {
  const app = new App({ outdir: options.outdir, analyticsReporting: false })
  new EdgeStack(app, 'SkyCrateEdge')
  new ServerStack(app, 'SkyCrate')
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app), new NIST80053R5Checks(app))
  for (const { ids, reason } of options.acknowledged ?? ACKNOWLEDGED) {
    for (const id of ids) Validations.of(app).acknowledge({ id, reason })
  }
  return app
}
