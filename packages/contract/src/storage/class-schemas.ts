import { Type, type Static } from 'typebox'
import { bucketName, closed, nullable, objectKey } from '../schemas.ts'
import { money } from './cost-schemas.ts'
import { folder } from './schemas.ts'

export const StorageClasses = Type.Object(
  {
    classes: Type.Array(
      Type.Object({
        name: Type.String(),
        archive: Type.Boolean({ description: 'Objects have to be restored before they can be read.' }),
        minimumDays: Type.Integer({ description: 'That are paid for, whenever the object goes.' }),
        minimumBytes: Type.Integer({ description: 'That are paid for, however small the object is.' }),
        perGBMonth: nullable(money('Of the first GiB, in the default region of the prices.')),
      }),
      { description: 'Those that the store has.' },
    ),
    currency: Type.String(),
  },
  {
    $id: 'StorageClasses',
    examples: [
      {
        classes: [{ name: 'STANDARD_IA', archive: false, minimumDays: 30, minimumBytes: 131_072, perGBMonth: 0.0125 }],
        currency: 'USD',
      },
    ],
  },
)
export type StorageClasses = Static<typeof StorageClasses>

export const ClassRequest = Type.Object(
  {
    bucket: bucketName,
    key: Type.Optional(objectKey),
    prefix: Type.Optional(folder),
    storageClass: Type.String({ minLength: 1, maxLength: 64 }),
  },
  {
    ...closed,
    $id: 'ClassRequest',
    description: 'Either `key` or `prefix`.',
    examples: [{ bucket: 'team-files', prefix: 'archive/', storageClass: 'GLACIER_IR' }],
  },
)
export type ClassRequest = Static<typeof ClassRequest>
