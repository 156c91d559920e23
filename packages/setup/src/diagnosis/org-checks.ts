/** The links of the org, in the order in which Salesforce tries them. */

import { X509Certificate } from 'node:crypto';
import { createCommand, setupCommand, updateCommand } from './admin-command.ts';
import type { AppInOrg } from './app-in-org.ts';
import { isOfKey, validity } from './certificate-file.ts';
import { shortened } from './consumer-key.ts';
import type { AdminView, Check, Examination } from './examination.ts';
import { fault, ok, skipped, troubleOf, warning } from './finding.ts';
import type { Result, Trouble } from './finding.ts';
import { orgView } from './org-view.ts';
import type { AccessRow, OrgState, UserInOrg } from './org-state.ts';

/** A check that an administrator's session is needed for. */
function orgCheck(
  name: string,
  look: (
    view: OrgState,
    admin: AdminView,
    examination: Examination,
  ) => Promise<Result[]> | Result[],
): Check {
  return {
    ground: 'org',
    name,
    async run(examination) {
      const { admin } = examination;
      const view = await orgView(examination);
      return view === undefined || admin === undefined ? [] : look(view, admin, examination);
    },
  };
}

/** Does the administrator's session open, and does it show the org? */
export const adminSession: Check = {
  ground: 'org',
  name: 'admin-session',
  async run(examination) {
    const { admin: open } = examination.options;
    if (open === undefined) return [];
    try {
      examination.admin = await open();
      await orgView(examination);
      return [ok(`Read at ${new URL(examination.admin.session.instanceUrl).host}`)];
    } catch (error) {
      examination.admin = undefined;
      const { says, cure } = troubleOf(error);
      return [warning({ code: 'ORG_UNREADABLE', says: `The org cannot be read: ${says}`, cure })];
    }
  },
};

/** Is there an app with this consumer key? */
export const clientApp = orgCheck('client-app', ({ apps, unread }, { session }, examination) => {
  const { clientId } = examination.identity();
  if (clientId === '') return [skipped('needs a client id')];
  if (apps === undefined) {
    return [skipped(`the metadata of the org could not be read: ${unread?.message ?? ''}`)];
  }
  const { app, names, foundBy, isHidden } = apps;
  if (app !== undefined) {
    const kind = app.kind === 'connectedApp' ? 'connected app' : 'external client app';
    const changed = app.lastChange === undefined ? '' : `, changed ${app.lastChange}`;
    const how =
      foundBy === undefined
        ? 'has this consumer key'
        : `is the one, told by ${foundBy} (its consumer key is hidden)`;
    return [ok(`The ${kind} "${app.label}" ${how}${changed}`)];
  }
  if (isHidden) {
    return [skipped('Apps of this org hide their consumer keys, and nothing tells which it is')];
  }
  return [
    fault({
      code: 'CLIENT_APP_MISSING',
      says: `No app of ${new URL(session.instanceUrl).host} has the consumer key ${shortened(clientId)}`,
      evidence: [
        { label: 'apps of this org', value: names.length === 0 ? 'none' : names.join(', ') },
      ],
      cure: {
        advice:
          'Copy the consumer key of one of them: App Manager > the app > View; of an external client app: Settings > OAuth Settings.',
        otherwise: [
          'A sandbox does not inherit local external client apps: after a refresh the app has to be made again.',
        ],
      },
    }),
  ];
});

/** Is it switched on? */
export const appEnabled = orgCheck('app-enabled', ({ apps }, admin, examination) => {
  const app = apps?.app;
  if (app === undefined || app.kind === 'connectedApp') return [];
  if (app.isEnabled) return [ok('The app is enabled')];
  return [
    fault({
      code: 'CLIENT_APP_DISABLED',
      says: `The app "${app.label}" is switched off`,
      cure: {
        advice: `External Client App Manager > ${app.label} > Policies > Edit: check Enabled.`,
        command: setup(admin, app, examination),
      },
    }),
  ];
});

/** Is the certificate of the app the one of our key? */
export const appCertificate = orgCheck('app-certificate', async ({ apps }, admin, examination) => {
  const app = apps?.app;
  if (app === undefined) return [];
  const { certificate } = app;
  if (certificate === undefined) {
    return [
      fault({
        code: 'APP_CERTIFICATE_MISSING',
        says: `The app "${app.label}" has no certificate`,
        cure: uploadCure(app, admin, examination),
      }),
    ];
  }
  const inOrg = new X509Certificate(certificate.pem);
  examination.certificateOfApp = inOrg;
  const { signer, certificate: local, assertion } = examination;
  const evidence = [
    { label: 'in the org, SHA-256', value: certificate.fingerprint256 },
    ...(local === undefined ? [] : [{ label: 'here, SHA-256', value: local.fingerprint256 }]),
  ];
  if (assertion !== undefined) return [ok('The app has a certificate', undefined, evidence)];
  if (signer === undefined)
    return [skipped('needs a key to compare the certificate of the app with')];
  if (await isOfKey(signer, inOrg.publicKey)) {
    const same = local?.fingerprint256 === certificate.fingerprint256;
    const says = `The certificate of the app is of this key${same ? ', and the same file' : ''}`;
    return [ok(says, undefined, evidence), ...validity(examination, inOrg)];
  }
  return [
    fault({
      code: 'APP_CERTIFICATE_OF_OTHER_KEY',
      says: `The certificate of the app "${app.label}" was made with another key`,
      evidence: [
        ...evidence,
        { label: 'its subject', value: certificate.subject },
        ...(app.lastChange === undefined ? [] : [{ label: 'app changed', value: app.lastChange }]),
      ],
      cure: uploadCure(app, admin, examination),
    }),
  ];
});

/** `sfjwt setup` for this app and this user, with our key where that is in a file. */
function setup(admin: AdminView, app: AppInOrg, examination: Examination, withKey = false): string {
  const { username } = examination.identity();
  const keyFile = withKey ? examination.settings.privateKeyFile : undefined;
  return setupCommand(admin, app, { username, keyFile });
}

function uploadCure(app: AppInOrg, admin: AdminView, examination: Examination): Trouble['cure'] {
  const { kind, label } = app;
  const { options, settings } = examination;
  const place =
    kind === 'connectedApp'
      ? `App Manager > ${label} > Edit > Use digital signatures`
      : `External Client App Manager > ${label} > Settings > OAuth Settings > Enable JWT Bearer Flow`;
  return {
    advice: `Upload ${options.certificateFile ?? 'the certificate that was made with this key'}: ${place}.`,
    ...(settings.privateKeyFile === undefined
      ? {}
      : { command: setup(admin, app, examination, true) }),
    otherwise: ['Or sign with the key that belongs to the certificate in the org.'],
  };
}

/** Is there such a user, and may the user log in at all? */
export const orgUser = orgCheck('user', ({ user }, admin, examination) => {
  const { username } = examination.identity();
  if (username === '') return [skipped('needs a username')];
  if (user === undefined) return [unknownUser(username, admin)];
  if (!user.isActive) {
    return [
      fault({
        code: 'USER_INACTIVE',
        says: `The user ${user.username} is deactivated`,
        evidence: [{ label: `User ${user.id}`, value: 'IsActive: false' }],
        cure: {
          advice: 'Activate the user: Setup > Users > the user > Edit > Active.',
          command: updateCommand(admin, 'User', user.id, { IsActive: true }),
        },
      }),
    ];
  }
  if (user.isFrozen) return [frozenUser(user, admin)];
  return [ok(`${user.username} is active, with the profile ${user.profile}`)];
});

function unknownUser(username: string, { session }: AdminView): Result {
  return fault({
    code: 'USER_UNKNOWN',
    says: `${new URL(session.instanceUrl).host} has no user ${username}`,
    cure: {
      advice:
        'Copy the username from Setup > Users; in a sandbox it ends in the name of the sandbox.',
    },
  });
}

function frozenUser({ id, username, loginId }: UserInOrg, admin: AdminView): Result {
  return fault({
    code: 'USER_FROZEN',
    says: `The user ${username} is frozen`,
    evidence: [{ label: `UserLogin of ${id}`, value: 'IsFrozen: true' }],
    cure: {
      advice:
        'Unfreeze the user: Setup > Users > the user > Unfreeze. Since 2026 Salesforce freezes users who come from suspicious addresses: find out why first.',
      command: updateCommand(admin, 'UserLogin', loginId, { IsFrozen: false }),
    },
  });
}

/** Does the app let this user in? */
export const permittedUsers = orgCheck('permitted-users', (view, admin, examination) => {
  const { apps, user, access } = view;
  const app = apps?.app;
  if (app === undefined) return [];
  if (!app.isAdminApproved) return [selfAuthorized(app, admin, examination)];
  if (user === undefined) return [ok('Admin approved users are pre-authorized')];
  const way = access.find(({ isAssigned }) => isAssigned);
  if (way !== undefined) {
    return [ok(`Pre-authorized by ${wayOf(way)}, which ${user.username} has`)];
  }
  return [notAssigned(app, user, view, admin)];
});

/** Whether the user ever approved it, only the answer to a token request tells. */
function selfAuthorized(app: AppInOrg, admin: AdminView, examination: Examination): Result {
  const says = `The app "${app.label}" lets users in who approved it themselves`;
  const place =
    app.kind === 'connectedApp'
      ? `App Manager > ${app.label} > Manage > Edit Policies`
      : `External Client App Manager > ${app.label} > Policies > OAuth Policies`;
  const suspicion: Trouble = {
    code: 'PERMITTED_USERS_SELF_AUTHORIZE',
    says: `The app "${app.label}" wants the user to have approved it in a browser, with the scope refresh_token, and that did not happen`,
    evidence: [{ label: 'Permitted Users', value: 'All users may self-authorize' }],
    cure: {
      advice: `${place}: set Permitted Users to "Admin approved users are pre-authorized", then assign the profile or a permission set of the user.`,
      command: setup(admin, app, examination),
    },
    explains: ['USER_NOT_APPROVED'],
  };
  return examination.certificateOfApp === undefined ? ok(says) : ok(says, suspicion);
}

function notAssigned(
  app: AppInOrg,
  user: UserInOrg,
  { access, profilePermissionSetId }: OrgState,
  admin: AdminView,
): Result {
  const evidence = [
    { label: 'Permitted Users', value: 'Admin approved users are pre-authorized' },
    {
      label: 'SetupEntityAccess',
      value: access.length === 0 ? 'no row for this app' : access.map(rowOf).join('; '),
    },
    { label: 'user', value: `${user.username}, profile ${user.profile}` },
  ];
  const open = access.find(({ profile }) => profile === undefined);
  if (open !== undefined) {
    return fault({
      code: 'USER_NOT_ASSIGNED',
      says: `${user.username} has no permission set that may use the app "${app.label}"`,
      evidence,
      cure: {
        advice: `Assign the permission set ${open.permissionSet} to the user.`,
        command: createCommand(admin, 'PermissionSetAssignment', {
          AssigneeId: user.id,
          PermissionSetId: open.permissionSetId,
        }),
      },
    });
  }
  return fault({
    code: access.length === 0 ? 'APP_NOT_ASSIGNED' : 'USER_NOT_ASSIGNED',
    says:
      access.length === 0
        ? `The app "${app.label}" lets nobody in: no profile and no permission set is assigned`
        : `The profile of ${user.username}, ${user.profile}, is not assigned to the app "${app.label}"`,
    evidence,
    cure: {
      advice:
        app.kind === 'connectedApp'
          ? `Assign the profile to the app: App Manager > ${app.label} > Manage > Manage Profiles.`
          : `Assign the profile to the app: External Client App Manager > ${app.label} > Policies > App Policies.`,
      ...(profilePermissionSetId === undefined
        ? {}
        : {
            command: createCommand(admin, 'SetupEntityAccess', {
              ParentId: profilePermissionSetId,
              SetupEntityId: app.id,
            }),
          }),
      otherwise: ['Better a permission set for this app alone: it can be taken away again.'],
    },
  });
}

function wayOf({ permissionSet, profile }: AccessRow): string {
  return profile === undefined ? `the permission set ${permissionSet}` : `the profile ${profile}`;
}

function rowOf(row: AccessRow): string {
  return `${row.id} ${wayOf(row)}`;
}

/** Has the app a scope to give? */
export const appScopes = orgCheck('app-scopes', ({ apps }, admin, examination) => {
  const app = apps?.app;
  if (app === undefined) return [];
  const { scopes, label, kind } = app;
  const given = scopes.filter((scope) => !/^(?:refresh_token|offline_access)$/.test(scope));
  const cure = {
    advice: `Add "Manage user data via APIs (api)": ${kind === 'connectedApp' ? `App Manager > ${label} > Edit` : `External Client App Manager > ${label} > Settings > OAuth Settings`} > Selected OAuth Scopes.`,
    command: setup(admin, app, examination),
  };
  const evidence = [{ label: 'Selected OAuth Scopes', value: scopes.join(', ') || 'none' }];
  if (given.length === 0) {
    return [
      fault({
        code: 'SCOPES_MISSING',
        says: `The app "${label}" has no scope to give`,
        evidence,
        cure,
      }),
    ];
  }
  if (!given.includes('api') && !given.includes('full')) {
    return [
      warning({
        code: 'SCOPE_API_MISSING',
        says: `The app "${label}" does not give the scope api`,
        evidence,
        cure,
        explains: ['SCOPE_API_MISSING'],
      }),
    ];
  }
  return [ok(`Scopes ${scopes.join(', ')}`)];
});
