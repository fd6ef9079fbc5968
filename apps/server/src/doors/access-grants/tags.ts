import { S3ControlError } from '@skycrate/aws-wire/s3-control'
import { type Grants, instanceArn, LOCATION_ID } from './grants.ts'

/**
 * Nothing here has tags; tools that manage grants ask for them all the same.
 * @param path what follows `/tags/`
 * @throws S3ControlError `NoSuchAccessGrantError`, `InvalidRequest` for what is none of SkyCrate's
 * @throws AppError
 */
export async function requireResource(grants: Grants, region: string, path: string): Promise<void> {
  const arn = decoded(path)
  const instance = instanceArn(region)
  if (arn === instance || arn === `${instance}/location/${LOCATION_ID}`) return
  const grant = `${instance}/grant/`
  if (!arn.startsWith(grant)) throw new S3ControlError('InvalidRequest', 'The ARN is of nothing that is here.')
  await grants.get(arn.slice(grant.length))
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    throw new S3ControlError('InvalidRequest', 'The ARN cannot be read.')
  }
}
