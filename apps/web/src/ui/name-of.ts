export interface Person {
  readonly id: string
  readonly name?: string | null | undefined
  readonly email?: string | null | undefined
}

/** What a person is called: the name, else the e-mail, else that nothing is known of them but the id. */
export function nameOf({ id, name, email }: Person): string {
  return name?.trim() || email || `Unnamed user …${id.slice(-6)}`
}
