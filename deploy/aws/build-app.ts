import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks } from 'cdk-nag'
import { ACKNOWLEDGED, type Acknowledgement } from './acknowledged.ts'
import { EdgeStack } from './edge-stack.ts'
import { ServerlessStack } from './serverless-stack.ts'
import { ServerStack } from './server-stack.ts'
import type { Mfa } from './user-pool.ts'

const CHOSEN = 'The operator chose that people set up a second factor by themselves.'

/** @throws Error for the operator */
function mfaOf(context: unknown): Mfa | undefined {
  if (context === undefined || context === 'required' || context === 'optional') return context
  throw new Error('The context cognito is "required" or "optional": whether people need a second factor.')
}

/** All stacks, with the rule packs that they are held to. Nothing is looked up in an account. */
export function buildApp(options: {
  readonly outdir: string
  /** The folder that `scripts/pack-lambda.ts` has packed. Without it there is no serverless stack. */
  readonly code?: string | undefined
  /** With a Cognito user pool; by default as the context `cognito` says. */
  readonly cognito?: Mfa
  readonly acknowledged?: readonly Acknowledgement[]
}): App {
  const app = new App({ outdir: options.outdir, analyticsReporting: false })
  new EdgeStack(app, 'SkyCrateEdge')
  const cognito = options.cognito ?? mfaOf(app.node.tryGetContext('cognito'))
  new ServerStack(app, 'SkyCrate', { cognito })
  if (options.code !== undefined) new ServerlessStack(app, 'SkyCrateServerless', { code: options.code, cognito })
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app), new NIST80053R5Checks(app))
  if (cognito === 'optional') Validations.of(app).acknowledge({ id: 'AwsSolutions-COG2', reason: CHOSEN })
  for (const { ids, reason } of options.acknowledged ?? ACKNOWLEDGED) {
    for (const id of ids) Validations.of(app).acknowledge({ id, reason })
  }
  return app
}
