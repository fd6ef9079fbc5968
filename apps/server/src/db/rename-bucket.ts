import type { Client } from 'pg'
import { escapeIdentifier } from 'pg'
import { runQuery } from './open-client.ts'

export interface RenamedBucket {
  readonly from: string
  readonly to: string
}

/**
 * Gives a bucket another name wherever the database refers to it, for a store where its objects are under that name. The
 * audit log stays: it tells what happened under the name of that time.
 * @param client in a transaction, with foreign keys and triggers out of the way
 * @returns whether there is such a bucket
 */
export async function renameBucket(client: Client, { from, to }: RenamedBucket): Promise<boolean> {
  const found = await runQuery(client, 'update buckets set name = $2 where name = $1 returning 1', [from, to])
  const columns = await runQuery<{ table: string; column: string }>(
    client,
    `select c.relname as table, a.attname as column from pg_attribute a join pg_class c on c.oid = a.attrelid
     where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace and a.attnum > 0 and not a.attisdropped
       and a.attname in ('bucket', 'files_bucket') and c.relname not like 'audit\\_%'`,
  )
  for (const { table, column } of columns) {
    const [name, field] = [escapeIdentifier(table), escapeIdentifier(column)]
    await runQuery(client, `update ${name} set ${field} = $2 where ${field} = $1`, [from, to])
  }
  const quota = `update quotas set subject = split_part(subject, '/', 1) || '/' || $2::text
    where kind = 'bucket' and split_part(subject, '/', 2) = $1`
  await runQuery(client, quota, [from, to])
  const fact = `update facts set name = 'library:' || $2::text || ':access-levels'
    where name = 'library:' || $1::text || ':access-levels'`
  await runQuery(client, fact, [from, to])
  // A name has neither quotes nor backslashes, so this is a field of the JSON and nothing within a text.
  const named = `regexp_replace(VALUE::text, '"(bucket|from|to)": ?"' || replace($1::text, '.', '\\.') || '"', '"\\1":"' || $2::text || '"', 'g')`
  const renamed = (column: string, type: string): string => `${column} = ${named.replace('VALUE', column)}::${type}`
  await runQuery(client, `update access_tokens set ${renamed('places', 'jsonb')}`, [from, to])
  const fields = [renamed('input', 'json'), renamed('checkpoint', 'json'), renamed('about', 'jsonb')]
  await runQuery(client, `update jobs set ${fields.join(', ')} where finished_at is null`, [from, to])
  return found.length > 0
}
