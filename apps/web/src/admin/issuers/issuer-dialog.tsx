import { ALGORITHMS } from '@skycrate/contract/issuers/algorithms'
import type { Issuer } from '@skycrate/contract/issuers/schemas'
import type { ReactElement } from 'react'
import { useApp } from '../../app/app-context.ts'
import { KEYS } from '../../data/query-keys.ts'
import { CheckboxGroup } from '../../ui/form/checkbox-group.tsx'
import { FormDialog } from '../../ui/form/form-dialog.tsx'
import { SwitchInput } from '../../ui/form/switch-input.tsx'
import { TextInput } from '../../ui/form/text-input.tsx'
import { useForm } from '../../ui/form/use-form.ts'
import { bodyOf, valuesOf } from './issuer-form.ts'

interface IssuerDialogProps {
  /** Undefined: a new one. */
  readonly issuer?: Issuer
  readonly onClose: () => void
}

export function IssuerDialog({ issuer, onClose }: IssuerDialogProps): ReactElement {
  const { api, queries, toasts } = useApp()
  const form = useForm({
    initial: valuesOf(issuer),
    paths: {
      groupsClaim: '/claims/groups',
      subjectClaim: '/claims/subject',
      emailDomains: '/allow/emailDomains',
      allowGroups: '/allow/groups',
      emailVerified: '/allow/emailVerified',
    },
    submit: (values) => {
      const body = bodyOf(values, issuer)
      if (issuer === undefined) return api.request('createIssuer', { body })
      const options = issuer.updatedAt === undefined ? {} : { ifMatch: issuer.updatedAt }
      return api.request('updateIssuer', { params: { id: issuer.id }, body }, options)
    },
    onDone: () => {
      void queries.invalidateQueries({ queryKey: [KEYS.issuers] })
      toasts.show('Saved')
      onClose()
    },
  })
  return (
    <FormDialog
      form={form}
      title={issuer === undefined ? 'New issuer' : `Edit ${issuer.name}`}
      submitLabel={issuer === undefined ? 'Add' : 'Save'}
      maxWidth="sm"
      onClose={onClose}
    >
      <TextInput
        form={form}
        name="issuer"
        label="Issuer URL"
        required
        autoFocus={issuer === undefined}
        autoComplete="off"
        maxLength={512}
        disabled={issuer !== undefined}
        hint="Exactly as in the tokens’ iss, with the slash at the end where there is one."
      />
      <TextInput form={form} name="name" label="Name (optional)" autoComplete="off" maxLength={100} />
      <TextInput
        form={form}
        name="audience"
        label="Audience"
        autoComplete="off"
        hint="What the aud of access tokens names. Several: separate them by commas. This or a client ID is needed."
      />
      <TextInput
        form={form}
        name="clientId"
        label="Client ID"
        autoComplete="off"
        hint="By the first one people sign in here in the browser."
      />
      <TextInput
        form={form}
        name="clientSecret"
        label="Client secret (optional)"
        type="password"
        autoComplete="new-password"
        maxLength={512}
        hint={issuer?.hasClientSecret ? 'One is stored. Leave this empty to keep it.' : 'Of a confidential client.'}
      />
      <TextInput
        form={form}
        name="groupsClaim"
        label="Groups claim (optional)"
        autoComplete="off"
        hint="The claim that names groups, such as groups or realm_access.roles."
      />
      <TextInput
        form={form}
        name="adminGroups"
        label="Groups of administrators (optional)"
        autoComplete="off"
        hint="Their members are administrators here."
      />
      <TextInput
        form={form}
        name="allowGroups"
        label="Let in only members of (optional)"
        autoComplete="off"
        hint="One of these groups is enough."
      />
      <TextInput
        form={form}
        name="emailDomains"
        label="Let in only these e-mail domains (optional)"
        autoComplete="off"
        hint="The issuer must say that the address is verified."
      />
      <TextInput
        form={form}
        name="subjectClaim"
        label="Subject claim (optional)"
        autoComplete="off"
        hint="What people are known by; sub if empty. For Microsoft Entra ID: oid. Changed later, everybody is a new user."
      />
      <CheckboxGroup
        form={form}
        name="algorithms"
        label="Signature algorithms"
        options={ALGORITHMS.map((value) => ({ value, label: value }))}
        hint="None: RS256, PS256, ES256, ES384 and EdDSA."
      />
      <SwitchInput form={form} name="emailVerified" label="Let in only people with a verified e-mail address" />
      <SwitchInput
        form={form}
        name="direct"
        label="Go straight to this issuer when SkyCrate is opened"
        hint="Needs a client ID. The page with all ways to sign in stays at /sign-in."
      />
    </FormDialog>
  )
}
