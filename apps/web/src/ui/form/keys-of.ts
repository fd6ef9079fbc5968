/** The names of the fields whose values are of a type. */
export type KeysOf<Values, Type> = {
  [Name in keyof Values]-?: Values[Name] extends Type ? (Type extends Values[Name] ? Name : never) : never
}[keyof Values] &
  string
