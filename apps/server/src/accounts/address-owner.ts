import type { UserId } from '@skycrate/core/naming/id'
import type { Sql } from '../db/database.ts'
import type { UserState } from '../users/user.ts'

/** What there is at an e-mail address. */
export interface AddressOwner {
  /** The address in the one spelling by which PostgreSQL compares accounts'. */
  readonly address: string
  /** The built-in account that signs in with it. */
  readonly account: { readonly userId: UserId; readonly email: string; readonly state: UserState } | undefined
  /** A user whom an administrator prepared for whoever proves to have the address. */
  readonly preparedUserId: UserId | undefined
}

export async function findAddressOwner(sql: Sql, email: string): Promise<AddressOwner> {
  const [row] = await sql.query<{
    address: string
    user_id: UserId | null
    email: string
    state: UserState
    prepared: UserId | null
  }>(
    `select asked.address, a.user_id, a.email, u.state, p.user_id as prepared
     from (select lower($1::text) as address) asked
       left join accounts a on lower(a.email) = asked.address left join users u on u.id = a.user_id
       left join lateral (
         select p.user_id from prepared_identities p join users w on w.id = p.user_id and w.state = 'invited'
         where lower(p.email collate "C") = lower($1::text collate "C") and p.issuer is null
       ) p on true`,
    [email],
  )
  const { address, user_id: userId, state, prepared } = row!
  return {
    address,
    account: userId === null ? undefined : { userId, email: row!.email, state },
    preparedUserId: prepared ?? undefined,
  }
}
