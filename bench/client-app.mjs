// What every server is told: a client app with a certificate, and users who may use it; and what it
// is then sent: fresh assertions, signed beforehand, so that nobody waits for them.
import { randomUUID, sign } from 'node:crypto';
import { createCertificate, createKeyPair } from '@sfjwt/setup';

const clientId = '3MVG9.bench';
/** One user may have 3,600 logins in an hour, as in Salesforce. */
const usernames = Array.from({ length: 50 }, (_, index) => `worker${index}@bench.example`);
const permissionSet = 'Bench Access';
const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** @param {string} assertion */
const formOf = (assertion) => new URLSearchParams({ grant_type: grantType, assertion }).toString();

export async function createClientApp() {
  const { privateKey, publicKey } = await createKeyPair();
  const { pem } = await createCertificate({ privateKey });
  let count = 0;

  /** For one user after the other. @returns {Promise<string>} @param {string} audience */
  const tokenRequest = (audience, users = usernames.length) => {
    const iat = Math.floor(Date.now() / 1000);
    const sub = usernames[count++ % users];
    const times = { iat, exp: iat + 180, jti: randomUUID() };
    const input = [
      { alg: 'RS256', typ: 'JWT' },
      { iss: clientId, sub, aud: audience, ...times },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return new Promise((resolve, reject) => {
      sign('sha256', Buffer.from(input), privateKey, (error, signature) => {
        if (error === null) resolve(formOf(`${input}.${signature.toString('base64url')}`));
        else reject(error);
      });
    });
  };
  return {
    /** PEM */
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    /** What an org is given, with so many of the users. */
    seed: (users = usernames.length) => ({
      permissionSets: [{ label: permissionSet }],
      users: usernames.slice(0, users).map((username) => ({
        username,
        profile: 'Standard User',
        permissionSets: [permissionSet],
      })),
      clientApps: [
        {
          name: 'Bench',
          contactEmail: 'ops@bench.example',
          consumerKey: clientId,
          certificate: pem,
          scopes: ['api', 'refresh_token'],
          permittedUsers: 'adminApproved',
          permissionSets: [permissionSet],
        },
      ],
    }),
    tokenRequest,
  };
}
