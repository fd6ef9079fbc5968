import { App, Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks, HIPAASecurityChecks, NIST80053R5Checks } from 'cdk-nag'
import { ACKNOWLEDGED, type Acknowledgement } from './acknowledged.ts'
import { EdgeStack } from './edge-stack.ts'
import { RecoveryStack } from './recovery-stack.ts'
import { ServerlessStack } from './serverless-stack.ts'
import { ServerStack } from './server-stack.ts'
import type { Mfa } from './user-pool.ts'

const EVERY_OBJECT = 'The role of S3 replication copies every object of the library bucket.'
const CHOSEN = 'The operator chose that people set up a second factor by themselves.'

/** @throws Error for the operator */
function mfaOf(context: unknown): Mfa | undefined {
  if (context === undefined || context === 'required' || context === 'optional') return context
  throw new Error('The context cognito is "required" or "optional": whether people need a second factor.')
}

/** @throws Error for the operator */
function recoveryAsked(context: unknown): boolean {
  if (context === undefined) return false
  if (context === true || context === 'true') return true
  throw new Error('The context recovery is "true": copies of backups and objects go to a second region.')
}

/** All stacks, with the rule packs that they are held to. Nothing is looked up in an account. */
export function buildApp(options: {
  readonly outdir: string
  /** The folder that `scripts/pack-lambda.ts` has packed. Without it there is no serverless stack. */
  readonly code?: string | undefined
  /** With a Cognito user pool; by default as the context `cognito` says. */
  readonly cognito?: Mfa
  /** With copies in a second region; by default as the context `recovery` says. */
  readonly recovery?: boolean
  readonly acknowledged?: readonly Acknowledgement[]
}): App {
  const app = new App({ outdir: options.outdir, analyticsReporting: false })
  new EdgeStack(app, 'SkyCrateEdge')
  const cognito = options.cognito ?? mfaOf(app.node.tryGetContext('cognito'))
  const recovery = options.recovery ?? recoveryAsked(app.node.tryGetContext('recovery'))
  if (recovery) new RecoveryStack(app, 'SkyCrateRecovery')
  new ServerStack(app, 'SkyCrate', { cognito, recovery })
  if (options.code !== undefined) {
    new ServerlessStack(app, 'SkyCrateServerless', { code: options.code, cognito, recovery })
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new HIPAASecurityChecks(app), new NIST80053R5Checks(app))
  if (recovery) {
    for (const bucket of ['StorageLibraryDBC72DB7.Arn', 'RecoveryBucketArn']) {
      Validations.of(app).acknowledge({ id: `AwsSolutions-IAM5[Resource::<${bucket}>/*]`, reason: EVERY_OBJECT })
    }
  }
  if (cognito === 'optional') Validations.of(app).acknowledge({ id: 'AwsSolutions-COG2', reason: CHOSEN })
  for (const { ids, reason } of options.acknowledged ?? ACKNOWLEDGED) {
    for (const id of ids) Validations.of(app).acknowledge({ id, reason })
  }
  return app
}
