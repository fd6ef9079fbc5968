import { createAmplifyApp } from './amplify/amplify-app.ts'
import { createAuth } from './amplify/auth.ts'
import { createAmplifyStorage } from './amplify/storage.ts'

// What `import { Amplify, Auth, Storage } from 'aws-amplify'` gives in Amplify 5, on SkyCrate and without the AWS SDK.

const app = createAmplifyApp()

export const Amplify = { configure: app.configure }
export const Auth = createAuth(app)
export const Storage = createAmplifyStorage(app)
