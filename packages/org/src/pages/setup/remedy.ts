/** Where a refusal of the token endpoint is cured: by the rule that refused, a page and its field. */

import type { ClientApp } from '../../directory/client-app.ts';
import type { User } from '../../directory/user.ts';
import type { OrgContext } from '../../org-context.ts';
import { appPath, paths } from './navigation.ts';

export interface Remedy {
  /** What to do, in a sentence. */
  advice: string;
  /** Name of the page and field where it is done, or where more is seen. */
  label: string;
  href: string;
}

/** Who was refused, as far as that is known. */
export interface Refused {
  app: ClientApp | undefined;
  user: User | undefined;
}

type Cure = (refused: Refused) => Remedy;

/** What only the program that asks can put right; the monitor shows what it sent. */
function inTheClient(advice: string): Cure {
  return () => ({
    advice,
    label: 'Request Monitor',
    href: `${paths.requestMonitor}?path=token`,
  });
}

function ofApp(
  advice: string,
  label: string,
  page: Parameters<typeof appPath>[1],
  field?: string,
): Cure {
  return ({ app }) => ({
    advice,
    ...(app === undefined
      ? { label: 'App Manager', href: paths.appManager }
      : {
          label: `${app.name}: ${label}`,
          href: appPath(app.id, page) + (field === undefined ? '' : `#${field}`),
        }),
  });
}

function ofUser(advice: string, label: string, rest: string): Cure {
  return ({ user }) => ({
    advice,
    ...(user === undefined
      ? { label: 'Users', href: paths.users }
      : { label: `${user.username}: ${label}`, href: `${paths.users}/${user.id}${rest}` }),
  });
}

function ofProfile(advice: string, label: string, field: string): Cure {
  return ({ user }) => ({
    advice,
    ...(user === undefined
      ? { label: 'Profiles', href: paths.profiles }
      : {
          label: `Profile of ${user.username}: ${label}`,
          href: `${paths.profiles}/${user.profileId}#${field}`,
        }),
  });
}

const malformed = inTheClient('Correct the request that the program sends.');
const askAnew = inTheClient(
  'Begin the flow anew: the program has to send the user to log in again.',
);
const findApp: Cure = () => ({
  advice: 'Copy the Consumer Key of the app, to the letter, into the settings of the program.',
  label: 'App Manager: View, Consumer Key',
  href: paths.appManager,
});

function install({ id }: ClientApp): Remedy {
  return {
    advice: 'Install the app: the policies of one that is not installed do not count.',
    label: 'Connected Apps OAuth Usage: Install',
    href: `${paths.connectedAppsOauthUsage}?at=${id}#${id}`,
  };
}

/** By the name of the rule. */
export const cures: Readonly<Record<string, Cure>> = {
  'request is a POST': malformed,
  'body is at most 64 KB': malformed,
  'each parameter is sent once': malformed,
  'grant type is known': inTheClient(
    'Send the grant type of the flow, in a form: application/x-www-form-urlencoded.',
  ),
  'no scope parameter': inTheClient('Leave the parameter scope out: scopes are those of the app.'),
  'assertion is a JWS': inTheClient('Send a JWT of three base64url parts as the assertion.'),
  'signed with RS256': inTheClient('Sign with RS256, and say so in the header of the assertion.'),
  'claims are complete': inTheClient('Put iss, sub, aud and exp into the assertion.'),
  'audience is this org': () => ({
    advice: 'Name an audience in aud that this org accepts.',
    label: 'Home: Accepted audiences',
    href: '/',
  }),
  'app with this consumer key': findApp,
  'app with this client_id': findApp,
  'app as deployed has reached the login servers': () => ({
    advice: 'Wait: the login servers hear of a deployment later. Or move the clock.',
    label: 'Clock and Faults: Clock',
    href: `${paths.clockAndFaults}#clock`,
  }),
  'external client app is installed, and asked for at My Domain': (refused) =>
    refused.app?.isInstalled === false
      ? install(refused.app)
      : inTheClient(
          'Ask the token endpoint of the My Domain: external client apps are not known at the login hosts.',
        )(refused),
  'signature fits the certificate of the app': ofApp(
    'Upload the certificate that was made with the private key of the program, or sign with the other key.',
    'Use digital signatures',
    'edit',
    'certificate',
  ),
  'assertion has not expired': () => ({
    advice:
      'Compare the clock of the program with that of this org; exp is in seconds since 1970, UTC.',
    label: 'Clock and Faults: Clock',
    href: `${paths.clockAndFaults}#clock`,
  }),
  'assertion is valid already, if it has an nbf': () => ({
    advice: 'Compare the clock of the program with that of this org, or leave nbf out.',
    label: 'Clock and Faults: Clock',
    href: `${paths.clockAndFaults}#clock`,
  }),
  'assertion is used once': inTheClient('Make a new assertion, with a jti of its own, each time.'),
  'app is enabled and not blocked': ({ app }) =>
    app?.isBlocked === true
      ? {
          advice: 'Unblock the app.',
          label: 'Connected Apps OAuth Usage',
          href: `${paths.connectedAppsOauthUsage}?at=${app.id}#${app.id}`,
        }
      : ofApp(
          'Enable the app.',
          'Edit Policies',
          'policies',
          'isEnabled',
        )({
          app,
          user: undefined,
        }),
  'user with this username': () => ({
    advice: 'Name a user of this org in sub, or create the user.',
    label: 'Users',
    href: paths.users,
  }),
  'user who signed in still exists': () => ({
    advice: 'Create the user again.',
    label: 'Users',
    href: paths.users,
  }),
  'user is active': ofUser('Activate the user.', 'Active', '/edit#isActive'),
  'user is not frozen': ofUser('Unfreeze the user.', 'Unfreeze', ''),
  'user may use the app': (refused) => {
    if (refused.app?.isInstalled === false) return install(refused.app);
    return refused.app?.permittedUsers === 'adminApproved'
      ? ofApp(
          'Assign a profile or a permission set of the user to the app.',
          'Manage Profiles, Manage Permission Sets',
          'manage',
        )(refused)
      : ofApp(
          'Let an administrator approve: Permitted Users, "Admin approved users are pre-authorized".',
          'Permitted Users',
          'policies',
          'permittedUsers',
        )(refused);
  },
  'app has a scope to give': ofApp(
    'Select a scope besides refresh_token, such as "Manage user data via APIs (api)".',
    'Selected OAuth Scopes',
    'edit',
    'scopes',
  ),
  'address is in the login IP ranges of the profile, unless the app relaxes them': ofProfile(
    'Add the address to the ranges, or relax IP restrictions in the policies of the app.',
    'Login IP Ranges',
    'loginIpRanges',
  ),
  'time is within the login hours of the profile': ofProfile(
    'Widen the login hours, or wait for them.',
    'Login Hours',
    'loginHours',
  ),
  'user has logins left in this hour': () => ({
    advice: 'Reuse access tokens instead of asking for one at each call; the hour is sliding.',
    label: 'Clock and Faults: Limits',
    href: `${paths.clockAndFaults}#loginsPerHour`,
  }),
  'consumer secret is right, or optional and left out': ofApp(
    'Copy the Consumer Secret of the app into the settings of the program.',
    'Consumer Secret',
    'view',
  ),
  'code is of this app, fresh and unused': askAnew,
  'redirect_uri is the one of the authorization request': inTheClient(
    'Send the same redirect_uri as in the authorization request.',
  ),
  'code_verifier is the one behind the code_challenge': inTheClient(
    'Send the code_verifier that belongs to the code_challenge.',
  ),
  'refresh token is of this app, not revoked and not expired': askAnew,
  'username and password are right': ofUser('Set a new password.', 'Password', '/edit#password'),
  'user is not locked out': ofUser('Unlock the user, or wait 15 minutes.', 'Unlock', ''),
  'user may log in in a browser': ofProfile(
    'Clear API Only User, or log in as somebody else.',
    'API Only User',
    'apiUserOnly',
  ),
};

/** @param rule name of the rule that refused */
export function remedyOf(
  rule: string,
  { userId, consumerKey }: { userId: string | undefined; consumerKey: string | undefined },
  { clientApps, users }: OrgContext,
): Remedy | undefined {
  if (!Object.hasOwn(cures, rule)) return undefined;
  return cures[rule]?.({
    app: consumerKey === undefined ? undefined : clientApps.find(consumerKey),
    user: userId === undefined ? undefined : users.findById(userId),
  });
}
