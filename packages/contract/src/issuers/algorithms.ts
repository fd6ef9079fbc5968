// Without schemas, for the web app.
export { ALGORITHMS, type Algorithm } from '@skycrate/core/identity/issuer-settings'
