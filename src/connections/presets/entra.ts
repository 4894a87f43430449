import type { OidcConnection } from '../connection.ts';
import { definePreset, oidcDefaults } from '../preset.ts';

export const entra = definePreset<OidcConnection>({
  name: 'entra',
  type: 'oidc',
  label: 'Microsoft Entra ID',
  authenticator: 'OpenIDConnectAuthenticator',
  madeAt: 'https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationsListBlade',
  steps: [
    '«New registration», accounts in this directory only, redirect URI of type «Web»: {callbackUrl}.',
    'Under «Certificates & secrets» make a client secret; copy its value, not its id, and note when it expires.',
    'The issuer is https://login.microsoftonline.com/<directory (tenant) id>/v2.0; client id is the application (client) id.',
    'For groups: «Token configuration», «Add groups claim», and choose «Groups assigned to the application».',
  ],
  required: ['issuer', 'clientId'],
  traps: [
    'The mail claim is whatever an administrator of the tenant typed: anybody can run a tenant in which they are called ceo@example.com. It never counts as verified and never links accounts unless you trust the tenant with trustsVerifiedEmail.',
    'The issuers /common, /organizations and /consumers let every tenant in and name no issuer; they are refused. Make one connection for each tenant.',
    'Above 200 groups Entra leaves the groups out and sends a link instead. Such a sign-in is refused where groups are mapped, because losing them all would be worse; «Groups assigned to the application» prevents it.',
    'Groups come as object ids: map the ids.',
    'Signing out here signs people out of Microsoft 365 in that browser too. Set singleLogout to false where that surprises them; otherwise register {signedOutUrl} as a redirect URI.',
    'A client secret expires after at most two years. Give the new one here before; the old one is tried too.',
  ],
  defaults: oidcDefaults,
});
