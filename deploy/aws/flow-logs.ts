import * as ec2 from 'aws-cdk-lib/aws-ec2'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type { Construct } from 'constructs'
import { logGroup } from './groups.ts'

/** Who spoke to whom in the network. */
export function flowLogs(scope: Construct, vpc: ec2.Vpc, key: kms.IKey): void {
  const flowRole = new iam.Role(scope, 'FlowRole', {
    assumedBy: new iam.ServicePrincipal('vpc-flow-logs.amazonaws.com'),
  })
  const group = logGroup(scope, 'FlowLogs', key)
  new iam.ManagedPolicy(scope, 'FlowPolicy', {
    roles: [flowRole],
    statements: [
      new iam.PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
        resources: [group.logGroupArn],
      }),
    ],
  })
  vpc.addFlowLog('Flow', {
    destination: ec2.FlowLogDestination.toCloudWatchLogs(
      group,
      iam.Role.fromRoleArn(scope, 'Flows', flowRole.roleArn, { mutable: false }),
    ),
  })
}
