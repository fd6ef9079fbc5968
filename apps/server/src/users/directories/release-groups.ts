import type { GroupId } from '@skycrate/core/naming/id'
import { deletePermissionsOf } from '../../access/delete-permissions-of.ts'
import type { Author } from '../../access/record-change.ts'
import type { AuditLog } from '../../audit/audit-event.ts'
import type { Sql } from '../../db/database.ts'
import { type Directory, groupIssuerOf } from './directory.ts'

/**
 * Nobody says any more who is in the groups of a directory: nobody is. Those of an issuer stay for the tokens that name
 * them, with their permissions; others go, with their permissions.
 */
export async function releaseGroups(tx: Sql, directory: Directory, audit: AuditLog, by: Author): Promise<number> {
  const groups = await tx.query<{ id: GroupId; name: string }>(
    'select id, name from groups where directory_id = $1 order by id for update',
    [directory.id],
  )
  await tx.query(
    `delete from group_members m using groups g where g.directory_id = $1 and m.group_id = g.id and not m.from_claims`,
    [directory.id],
  )
  if (directory.issuer !== null) {
    await tx.query(
      'update groups set directory_id = null, external_id = null, updated_at = now() where directory_id = $1',
      [directory.id],
    )
    return groups.length
  }
  for (const { name } of groups) await deletePermissionsOf(tx, 'group', name, { audit, by }, groupIssuerOf(directory))
  await tx.query('delete from groups where directory_id = $1', [directory.id])
  return groups.length
}
