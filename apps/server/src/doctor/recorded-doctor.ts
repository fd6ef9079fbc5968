import type { DoctorReport } from '@skycrate/contract/doctor/schemas'
import type { AuditLog } from '../audit/audit-event.ts'
import type { ByUser } from '../users/users-options.ts'
import { createDoctor, type DoctorOptions } from './doctor.ts'

/** The doctor for administrators. */
export interface RecordedDoctor {
  /** @throws AppError `audit-unavailable` */
  run(by: ByUser): Promise<DoctorReport>
}

export function createRecordedDoctor(options: DoctorOptions & { readonly audit: AuditLog }): RecordedDoctor {
  const doctor = createDoctor(options)
  return {
    async run({ userId, origin }) {
      await options.audit.record({
        action: 'doctor.run',
        outcome: 'allow',
        userId,
        bucket: null,
        key: null,
        reason: null,
        detail: {},
        origin,
      })
      return doctor.examine()
    },
  }
}
