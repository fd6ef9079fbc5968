import Accordion from '@mui/material/Accordion'
import AccordionDetails from '@mui/material/AccordionDetails'
import AccordionSummary from '@mui/material/AccordionSummary'
import ExpandMore from '@mui/icons-material/ExpandMore'
import Typography from '@mui/material/Typography'
import type { NewPermission, Permission } from '@skycrate/contract/permissions/schemas'
import { type ReactElement, useMemo } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import type { Action } from '../../files/actions-at.ts'
import { CheckboxGroup } from '../../ui/form/checkbox-group.tsx'
import { DateTimeInput } from '../../ui/form/date-time-input.tsx'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { type Choice, SearchInput } from '../../ui/form/search-input.tsx'
import { SelectInput } from '../../ui/form/select-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { useDelayed } from '../../ui/use-delayed.ts'
import { AccessChanges } from './access-changes.tsx'
import { ACTION_NAMES, actionsOfPreset, type Preset, presetOf, PRESETS } from './access-names.ts'
import { searchBuckets, searchGroups, searchUsers } from './choices.ts'
import { ExplainBox } from './explain-box.tsx'
import { ACTION_ORDER, type Edit } from './permission-queries.ts'
import { prefixExample } from './prefix-example.ts'
import { principalId, principalOf } from './principal-id.ts'

type Kind = NewPermission['principal']['kind']

interface Values {
  readonly kind: Kind
  readonly principal: Choice | null
  readonly bucket: Choice | null
  readonly prefix: string
  readonly preset: Preset
  readonly actions: readonly Action[]
  readonly expiresAt: string
  readonly description: string
}

const KINDS = [
  { value: 'user', label: 'A user' },
  { value: 'group', label: 'A group' },
  { value: 'everyone', label: 'Everyone signed in' },
  { value: 'guest', label: 'Guests (not signed in)' },
] as const satisfies readonly { readonly value: Kind; readonly label: string }[]

interface PermissionDialogProps {
  /** The permission to change; undefined for a new one. */
  readonly permission: Permission | undefined
  /** Where a new one begins. */
  readonly place?: { readonly bucket?: string | undefined; readonly prefix?: string | undefined }
  readonly onClose: () => void
  readonly onSaved: (permission: Permission) => void
}

/** Creates or changes a permission, and tells before what that gives and takes. */
export function PermissionDialog(props: PermissionDialogProps): ReactElement {
  const { permission, place = {}, onClose, onSaved } = props
  const { api } = useApp()
  const initial = useMemo(() => valuesOf(permission, place), [permission, place])
  const form = useForm({
    initial,
    submit: (values) => {
      const body = bodyOf(values)!
      if (permission === undefined) return api.createPermission(body)
      // Somebody else may have changed it in the meantime: then it is not overwritten.
      const ifMatch = permission.updatedAt
      return api.request('replacePermission', { params: { id: permission.id }, body }, { ifMatch })
    },
    onDone: onSaved,
    paths: { principal: '/principal', preset: '/preset' },
    validate: mistakesOf,
  })
  const { values } = form
  const body = bodyOf(values)
  const settled = useDelayed(body === undefined ? '' : JSON.stringify(body), 400)
  const edit = editOf(settled, permission)
  const user = values.kind === 'user' ? values.principal : null
  return (
    <FormDialog
      form={form}
      title={permission ? 'Change the permission' : 'New permission'}
      submitLabel={permission ? 'Save' : 'Create'}
      onClose={onClose}
      maxWidth="sm"
    >
      <SelectInput form={form} name="kind" label="Who" options={KINDS} />
      {(values.kind === 'user' || values.kind === 'group') && (
        <SearchInput
          key={values.kind}
          id={form.idOf('principal')}
          label={values.kind === 'user' ? 'User' : 'Group'}
          multiple={false}
          value={values.principal}
          onChange={(choice) => form.set('principal', choice === null ? null : groupChoice(values.kind, choice))}
          queryKey={values.kind === 'user' ? KEYS.users : KEYS.groups}
          search={(text, signal) =>
            values.kind === 'user' ? searchUsers(api, text, signal) : searchGroups(api, text, signal)
          }
          freeText={values.kind === 'group'}
          mistake={form.mistake('principal')}
          hint={
            values.kind === 'user'
              ? 'Name, e-mail address or id'
              : "A group of SkyCrate, or one that an issuer's tokens name"
          }
        />
      )}
      <SearchInput
        id={form.idOf('bucket')}
        label="Bucket"
        multiple={false}
        value={values.bucket}
        onChange={(choice) => form.set('bucket', choice)}
        queryKey={KEYS.buckets}
        search={(text, signal) => searchBuckets(api, text, signal)}
        freeText
        mistake={form.mistake('bucket')}
      />
      <TextInput
        form={form}
        name="prefix"
        label="Folder"
        maxLength={1024}
        placeholder="reports/2026/"
        hint={prefixExample(values.prefix, user?.detail?.includes('@') ? user.detail : undefined)}
      />
      <SelectInput form={form} name="preset" label="Access" options={PRESETS} />
      {values.preset === 'custom' && (
        <CheckboxGroup
          form={form}
          name="actions"
          label="Actions"
          options={ACTION_ORDER.map((value) => ({ value, label: ACTION_NAMES[value] }))}
        />
      )}
      <DateTimeInput form={form} name="expiresAt" label="Ends" hint="Empty: it does not end." />
      <TextInput form={form} name="description" label="Description" maxLength={1000} />
      {edit && (permission === undefined || form.isChanged) && <AccessChanges edit={edit} />}
      {/* By itself in its element, all its corners are round. */}
      <div>
        <Accordion variant="outlined" disableGutters>
          <AccordionSummary expandIcon={<ExpandMore />}>
            <Typography variant="body2">Check what a user can do now</Typography>
          </AccordionSummary>
          <AccordionDetails>
            <ExplainBox key={user?.id ?? ''} bucket={values.bucket?.id ?? ''} prefix={values.prefix} person={user} />
          </AccordionDetails>
        </Accordion>
      </div>
    </FormDialog>
  )
}

function valuesOf(permission: Permission | undefined, place: NonNullable<PermissionDialogProps['place']>): Values {
  const { bucket = place.bucket, prefix = place.prefix ?? '', actions = ['list', 'read'] as const } = permission ?? {}
  const { principal, principalName, expiresAt, description } = permission ?? {}
  return {
    kind: principal?.kind ?? 'user',
    principal: principal && principalName ? { id: principalId(principal), label: principalName } : null,
    bucket: bucket === undefined ? null : { id: bucket, label: bucket },
    prefix,
    preset: presetOf(actions),
    actions,
    expiresAt: expiresAt ?? '',
    description: description ?? '',
  }
}

/** What was typed instead of chosen is the name of a group. */
function groupChoice(kind: Kind, choice: Choice): Choice {
  if (kind !== 'group' || principalOf(choice.id)?.kind === 'group') return choice
  return { id: principalId({ kind: 'group', group: choice.id }), label: choice.label }
}

function mistakesOf(values: Values): { [Name in keyof Values]?: string } {
  const needsPrincipal = values.kind === 'user' || values.kind === 'group'
  const isFolder = values.prefix === '' || values.prefix.endsWith('/')
  return {
    ...(needsPrincipal && principalIn(values) === undefined ? { principal: 'Choose one.' } : {}),
    ...(values.bucket === null ? { bucket: 'Choose one.' } : {}),
    ...(isFolder ? {} : { prefix: "A folder ends in '/'." }),
    ...(actionsOfPreset(values.preset, values.actions).length === 0 ? { actions: 'Choose at least one action.' } : {}),
  }
}

function principalIn({ kind, principal }: Values): NewPermission['principal'] | undefined {
  const found = principalOf(kind === 'everyone' || kind === 'guest' ? kind : (principal?.id ?? ''))
  return found?.kind === kind ? found : undefined
}

/** Undefined while something is missing. */
function bodyOf(values: Values): NewPermission | undefined {
  const principal = principalIn(values)
  if (principal === undefined || values.bucket === null || Object.keys(mistakesOf(values)).length > 0) return undefined
  return {
    principal,
    bucket: values.bucket.id,
    prefix: values.prefix,
    actions: [...actionsOfPreset(values.preset, values.actions)],
    expiresAt: values.expiresAt === '' ? null : values.expiresAt,
    description: values.description,
  }
}

function editOf(body: string, permission: Permission | undefined): Edit | undefined {
  if (body === '') return undefined
  const wish = JSON.parse(body) as NewPermission
  return permission ? { update: { id: permission.id, permission: wish } } : { create: wish }
}
