import { CfnOutput, CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib'
import * as cognito from 'aws-cdk-lib/aws-cognito'
import { Construct } from 'constructs'

/** Whether each person of the user pool needs a second factor. */
export type Mfa = 'required' | 'optional'

/** A Cognito user pool in which people sign in, with an authenticator app as second factor, and SkyCrate as its client. */
export class UserPool extends Construct {
  /** What SkyCrate is told of it. */
  readonly issuers: string

  constructor(scope: Construct, id: string, options: { readonly webOrigin: string; readonly mfa: Mfa }) {
    super(scope, id)
    const { webOrigin } = options
    const { region } = Stack.of(this)
    const prefix = new CfnParameter(scope, 'CognitoDomain', {
      description: "First part of the host name of Cognito's pages: unique in the region",
    })
    const pool = new cognito.UserPool(this, 'Pool', {
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      autoVerify: { email: true },
      passwordPolicy: {
        minLength: 15,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
      },
      mfa: options.mfa === 'required' ? cognito.Mfa.REQUIRED : cognito.Mfa.OPTIONAL,
      mfaSecondFactor: { otp: true, sms: false },
      accountRecovery: cognito.AccountRecovery.EMAIL_ONLY,
      featurePlan: cognito.FeaturePlan.PLUS,
      standardThreatProtectionMode: cognito.StandardThreatProtectionMode.FULL_FUNCTION,
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    })
    pool.addDomain('Domain', {
      cognitoDomain: { domainPrefix: prefix.valueAsString },
      managedLoginVersion: cognito.ManagedLoginVersion.CLASSIC_HOSTED_UI,
    })
    // Without a secret: the code is bound to its sign-in by PKCE.
    const client = pool.addClient('SkyCrate', {
      generateSecret: false,
      oAuth: {
        flows: { authorizationCodeGrant: true },
        scopes: [cognito.OAuthScope.OPENID, cognito.OAuthScope.EMAIL, cognito.OAuthScope.PROFILE],
        callbackUrls: [`${webOrigin}/api/v1/auth/callback`],
        logoutUrls: [`${webOrigin}/sign-in`],
      },
      supportedIdentityProviders: [cognito.UserPoolClientIdentityProvider.COGNITO],
      preventUserExistenceErrors: true,
    })
    const admins = new cognito.CfnUserPoolGroup(this, 'Administrators', {
      userPoolId: pool.userPoolId,
      groupName: 'admins',
      description: 'Administrators of SkyCrate',
    })
    this.issuers = Stack.of(this).toJsonString([
      {
        name: 'Cognito',
        issuer: `https://cognito-idp.${region}.amazonaws.com/${pool.userPoolId}`,
        clientId: client.userPoolClientId,
        claims: { groups: 'cognito:groups' },
        adminGroups: [admins.groupName],
      },
    ])
    new CfnOutput(scope, 'UserPoolId', { value: pool.userPoolId })
  }
}
