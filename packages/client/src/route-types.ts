import type { PATHS, RouteName } from '@skycrate/contract/paths'
import type { ROUTES } from '@skycrate/contract/routes'
import type { Static, TSchema } from 'typebox'

type Table = typeof ROUTES

type Part<Name extends RouteName, Field extends string> =
  Table[Name] extends Record<Field, infer Schema extends TSchema> ? Static<Schema> : undefined

/** So that a caller may pass on a value that it may not have. */
type Loose<T> = { [Key in keyof T]: undefined extends T[Key] ? T[Key] | undefined : T[Key] }
type LooseOptional<T> = { [Key in keyof T]: object extends Pick<T, Key> ? T[Key] | undefined : T[Key] }

type Rest<Name extends RouteName> = (typeof PATHS)[Name] extends `${string}*` ? { key: string } : unknown

type Field<Name extends string, Value> = Value extends undefined ? unknown : Record<Name, Value>

type QueryField<Query> = Query extends undefined ? unknown : { query?: Loose<LooseOptional<Query>> }

type Params<Name extends RouteName> =
  Part<Name, 'params'> extends undefined ? undefined : Part<Name, 'params'> & Rest<Name>

type Body<Name extends RouteName> = Table[Name] extends { upload: object } ? Blob : Part<Name, 'body'>

/** What a route takes: `params` (with `key` for the rest of a path), `query`, `body`, each where it has one. */
export type RouteInput<Name extends RouteName> = Field<'params', Params<Name>> &
  QueryField<Part<Name, 'query'>> &
  Field<'body', Body<Name>>

/** The body of success: a Blob where that is a file; undefined where there is none. */
export type RouteOutput<Name extends RouteName> = Table[Name]['success'] extends { body: infer Schema extends TSchema }
  ? Static<Schema>
  : Table[Name]['success'] extends { download: readonly string[] }
    ? Blob
    : undefined

export type RouteQuery<Name extends RouteName> = Loose<LooseOptional<NonNullable<Part<Name, 'query'>>>>

export type RouteBody<Name extends RouteName> = NonNullable<Part<Name, 'body'>>
