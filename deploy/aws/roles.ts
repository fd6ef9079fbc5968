import { Stack } from 'aws-cdk-lib'
import * as iam from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import { leastPolicy, type PolicyDocument, vendedRolePolicy } from '../../apps/server/src/stores/s3/least-policy.ts'
import type { Storage } from './storage.ts'

export interface Roles {
  /** What SkyCrate itself has. */
  readonly server: iam.Role
  /** What vended credentials assume. */
  readonly vended: iam.Role
}

/** Both roles, from the table of calls that SkyCrate's code sends. */
export function roles(scope: Construct, storage: Storage, service: string): Roles {
  const { partition } = Stack.of(scope)
  const server = new iam.Role(scope, 'ServerRole', { assumedBy: new iam.ServicePrincipal(service) })
  const vended = new iam.Role(scope, 'VendedRole', { assumedBy: server })
  const places = { partition, buckets: [storage.library.bucketName], kmsKeyArn: storage.key.keyArn }
  attach(scope, 'ServerPolicy', server, leastPolicy({ ...places, roleArn: vended.roleArn }))
  attach(scope, 'VendedPolicy', vended, vendedRolePolicy(places))
  return { server, vended }
}

function attach(scope: Construct, id: string, role: iam.Role, { Statement }: PolicyDocument): void {
  new iam.ManagedPolicy(scope, id, {
    roles: [role],
    statements: Statement.map(
      ({ Sid, Action, Resource }) =>
        new iam.PolicyStatement({ sid: Sid, actions: [...Action], resources: [...Resource] }),
    ),
  })
}
