import { Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions'
import * as sns from 'aws-cdk-lib/aws-sns'
import type * as kms from 'aws-cdk-lib/aws-kms'
import { Construct } from 'constructs'

/** A value beyond which somebody is told. */
export interface Watched {
  readonly id: string
  readonly title: string
  readonly metric: cloudwatch.IMetric
  readonly above?: number
  readonly below?: number
  readonly periods?: number
}

const NAMESPACE = 'SkyCrate'
const MINUTE = Duration.minutes(1)

/** A metric of `/metrics`, as the CloudWatch agent beside the server publishes it. */
const own = (metricName: string, statistic: string, dimensionsMap: Record<string, string> = {}) =>
  new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName,
    statistic,
    period: MINUTE,
    dimensionsMap: { job: 'skycrate', ...dimensionsMap },
  })

/** What only SkyCrate itself knows; the names are those of its metrics. */
export const OWN_ALARMS: readonly Watched[] = [
  {
    id: 'AuditUnavailable',
    title: 'The audit log cannot be written',
    metric: own('skycrate_audit_failures_total', 'Sum'),
    above: 0,
  },
  {
    id: 'FailedSignIns',
    title: 'Refused sign-ins in a minute',
    metric: own('skycrate_audit_events_total', 'Sum', { action: 'auth.login', outcome: 'deny' }),
    above: 60,
    periods: 5,
  },
  {
    id: 'UnfinishedHomes',
    title: 'Homes that could not be finished',
    metric: own('skycrate_unfinished_homes', 'Maximum'),
    above: 0,
    periods: 15,
  },
  {
    id: 'FailedJobs',
    title: 'Jobs that failed',
    metric: own('skycrate_jobs', 'Maximum', { state: 'failed' }),
    above: 0,
  },
  { id: 'DatabaseDown', title: 'Database reached', metric: own('skycrate_database_up', 'Minimum'), below: 1 },
]

/** The agent's configuration: it scrapes the server beside it and writes CloudWatch's embedded metric format. */
export const AGENT_CONFIG = {
  logs: {
    metrics_collected: {
      prometheus: {
        log_group_name: '/skycrate/metrics',
        prometheus_config_path: 'env:PROMETHEUS_CONFIG_CONTENT',
        emf_processor: {
          metric_namespace: NAMESPACE,
          metric_declaration: [
            {
              source_labels: ['job'],
              label_matcher: '^skycrate$',
              dimensions: [['job'], ['job', 'action', 'outcome'], ['job', 'state']],
              metric_selectors: ['^skycrate_'],
            },
          ],
        },
      },
    },
  },
} as const

/** Alarms that tell a topic, and a dashboard of the same values. */
export class Watching extends Construct {
  constructor(scope: Construct, id: string, watched: readonly Watched[], key: kms.IKey) {
    super(scope, id)
    const topic = new sns.Topic(this, 'Alarms', { masterKey: key, enforceSSL: true, displayName: 'SkyCrate alarms' })
    const action = new actions.SnsAction(topic)
    for (const { id: name, title, metric, above, below, periods = 3 } of watched) {
      const alarm = new cloudwatch.Alarm(this, name, {
        alarmDescription: title,
        metric,
        threshold: above ?? below ?? 0,
        comparisonOperator:
          above === undefined
            ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
            : cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: periods,
        treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
      })
      alarm.addAlarmAction(action)
      alarm.addOkAction(action)
    }
    new cloudwatch.Dashboard(this, 'Dashboard', {
      widgets: chunks(watched, 3).map((row) =>
        row.map(({ title, metric }) => new cloudwatch.GraphWidget({ title, left: [metric], width: 8 })),
      ),
    })
  }
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
}
