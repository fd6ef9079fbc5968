import type { RecordedDoctor } from '../../doctor/recorded-doctor.ts'
import type { HandlersOf } from '../route.ts'

export function doctorHandlers(doctor: RecordedDoctor): HandlersOf<'doctor'> {
  return {
    doctor: ({ who, origin }) => doctor.run({ userId: who.userId, origin }),
  }
}
