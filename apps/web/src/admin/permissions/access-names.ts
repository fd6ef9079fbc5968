import type { Action } from '../../files/actions-at.ts'

/** What a permission allows, in a word. */
export type Preset = 'view' | 'edit' | 'everything' | 'custom'

const ACTIONS_OF: Readonly<Record<Exclude<Preset, 'custom'>, readonly Action[]>> = {
  view: ['list', 'read'],
  edit: ['list', 'read', 'write'],
  everything: ['list', 'read', 'write', 'delete'],
}

export const PRESETS = [
  { value: 'view', label: 'Read-only' },
  { value: 'edit', label: 'Read and write' },
  { value: 'everything', label: 'Everything, deletion included' },
  { value: 'custom', label: 'Custom' },
] as const satisfies readonly { readonly value: Preset; readonly label: string }[]

export const ACTION_NAMES = { list: 'List', read: 'Read', write: 'Write', delete: 'Delete' } as const satisfies Record<
  Action,
  string
>

export function presetOf(actions: readonly Action[]): Preset {
  for (const preset of ['view', 'edit', 'everything'] as const) {
    const all = ACTIONS_OF[preset]
    if (all.length === actions.length && all.every((action) => actions.includes(action))) return preset
  }
  return 'custom'
}

export function actionsOfPreset(preset: Preset, custom: readonly Action[]): readonly Action[] {
  return preset === 'custom' ? custom : ACTIONS_OF[preset]
}

/** `Read-only`, or the actions one by one. */
export function accessName(actions: readonly Action[]): string {
  const preset = presetOf(actions)
  if (preset === 'everything') return 'Everything'
  const known = PRESETS.find(({ value }) => value === preset && value !== 'custom')
  return known?.label ?? listOf(actions)
}

/** `list, read and write` */
export function listOf(actions: readonly Action[]): string {
  const names = (['list', 'read', 'write', 'delete'] as const).filter((action) => actions.includes(action))
  if (names.length < 2) return names.join('')
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
