import { SkyCrateError } from '@skycrate/client/skycrate-error'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useId, useState } from 'react'
import { mistakesOf } from './mistakes-of.ts'

type Mistakes<Values> = { readonly [Name in keyof Values]?: string | undefined }

interface FormOptions<Values, Result> {
  readonly initial: Values
  /** @throws a SkyCrateError, whose mistakes appear at their fields */
  readonly submit: (values: Values) => Promise<Result>
  readonly onDone?: (result: Result) => void
  /** What can be told before the server is asked, by field. Shown once the person tried to submit. */
  readonly validate?: (values: Values) => Mistakes<Values>
  /** Where the request's body calls a field otherwise: its JSON pointer, such as `/principal/userId`. */
  readonly paths?: { readonly [Name in keyof Values]?: string }
}

/** What the fields of `ui/form/` take as `form`. */
export interface Form<Values> {
  readonly values: Values
  readonly set: <Name extends keyof Values>(name: Name, value: Values[Name]) => void
  readonly mistake: (name: keyof Values) => string | undefined
  readonly idOf: (name: keyof Values) => string
  /** Why the last try failed; null where it did not. */
  readonly error: unknown
  /** Whether a mistake of the server's is shown at a field. */
  readonly isAtField: (path: string) => boolean
  readonly isSubmitting: boolean
  readonly isChanged: boolean
  readonly onSubmit: (event: FormEvent) => void
}

/** The state of a form whose values go to the API in one request. */
export function useForm<Values extends object, Result>(options: FormOptions<Values, Result>): Form<Values> {
  const { initial, submit, onDone, validate, paths = {} } = options
  const formId = useId()
  const [values, setValues] = useState(initial)
  const [tried, setTried] = useState(false)
  /** Fields that were changed since the server refused them: what it said of them holds no longer. */
  const [corrected, setCorrected] = useState<ReadonlySet<keyof Values>>(new Set())
  const names = Object.keys(initial) as (keyof Values & string)[]
  const pathOf = (name: keyof Values & string): string =>
    (paths as Readonly<Record<string, string | undefined>>)[name] ?? `/${name}`

  const sending = useMutation({ mutationFn: submit, ...(onDone && { onSuccess: onDone }) })
  const said =
    sending.error instanceof SkyCrateError
      ? mistakesOf(sending.error.errors, new Map(names.map((n) => [n, pathOf(n)])))
      : new Map()
  const own: Mistakes<Values> = tried ? (validate?.(values) ?? {}) : {}
  const idOf = (name: keyof Values): string => `${formId}-${String(name)}`

  const mistake = (name: keyof Values): string | undefined =>
    own[name] ?? (corrected.has(name) ? undefined : (said.get(name) as string | undefined))

  const focusFirst = (wrong: (name: keyof Values & string) => boolean): void => {
    const first = names.find(wrong)
    if (first !== undefined) document.getElementById(idOf(first))?.focus()
  }

  return {
    values,
    set(name, value) {
      setValues((before) => ({ ...before, [name]: value }))
      setCorrected((before) => new Set([...before, name]))
    },
    mistake,
    idOf,
    error: sending.error,
    isAtField: (path) => names.some((name) => path === pathOf(name) || path.startsWith(`${pathOf(name)}/`)),
    isSubmitting: sending.isPending,
    isChanged: names.some((name) => values[name] !== initial[name]),
    onSubmit(event) {
      event.preventDefault()
      event.stopPropagation()
      if (sending.isPending) return
      setTried(true)
      setCorrected(new Set())
      const wrong: Mistakes<Values> = validate?.(values) ?? {}
      if (names.some((name) => wrong[name] !== undefined)) {
        focusFirst((name) => wrong[name] !== undefined)
        return
      }
      sending.mutate(values, {
        onError: (error) => {
          if (!(error instanceof SkyCrateError)) return
          const refused = mistakesOf(error.errors, new Map(names.map((name) => [name, pathOf(name)])))
          focusFirst((name) => refused.has(name))
        },
      })
    },
  }
}
