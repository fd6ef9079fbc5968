import { recorded, type Route } from '../route.ts'
import { DoctorReport } from './schemas.ts'

export const DOCTOR_ROUTES = {
  doctor: {
    area: 'doctor',
    audience: 'admin',
    summary: 'Check configuration, database, store, issuers, mail and addresses, and say how to mend what is wrong',
    success: { status: 200, body: DoctorReport },
    problems: ['forbidden', ...recorded],
  },
} as const satisfies Record<string, Route>
