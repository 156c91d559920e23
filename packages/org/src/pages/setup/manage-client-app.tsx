/** Manage: what an administrator decides about an app, whoever made it. */

import type { Child } from 'hono/jsx';
import { clientAppLabels, permittedUsersLabels } from '../../directory/client-app.ts';
import type { ClientApp } from '../../directory/client-app.ts';
import { orgSettings } from '../../directory/organization.ts';
import { ipRelaxationLabels } from '../../policies/ip-ranges.ts';
import { refreshTokenPolicyLabels } from '../../policies/refresh-token.ts';
import { Card, Details } from '../elements/card.tsx';
import { EmptyState } from '../elements/empty-state.tsx';
import { Message } from '../elements/message.tsx';
import { statusOf } from './app-list.tsx';
import { appPath, paths } from './navigation.ts';
import { setupPage } from './setup-page.tsx';
import type { SetupCall, SetupRoute } from './setup-route.ts';

function show(call: SetupCall): Response {
  const { context, parameters, url } = call;
  const app = context.clientApps.getById(parameters['id'] ?? '');
  const assigned = context.clientApps.assigned(app);
  const profiles = context.profiles
    .list()
    .filter(({ permissionSetId }) => assigned.has(permissionSetId));
  const permissionSets = context.permissionSets.list().filter(({ id }) => assigned.has(id));
  const needsApproval = app.permittedUsers === 'adminApproved';
  return setupPage(
    call,
    {
      title: `Manage ${app.name}`,
      lead: `${clientAppLabels[app.kind]}: its policies, and who may use it`,
      section: paths.appManager,
      crumbs: [{ label: app.name, href: appPath(app.id, 'view') }],
      message: url.searchParams.has('saved')
        ? { kind: 'success', children: 'Your changes were saved.' }
        : undefined,
      actions: (
        <>
          <a class="button primary" href={appPath(app.id, 'policies')}>
            Edit Policies
          </a>
          <a class="button" href={appPath(app.id, 'view')}>
            View
          </a>
        </>
      ),
    },
    <>
      {needsApproval && profiles.length + permissionSets.length === 0 ? (
        <Message kind="warning">
          Nobody may use this app yet: assign a profile or a permission set below. Until then the
          token endpoint answers "user is not admin approved to access this app".
        </Message>
      ) : null}
      {needsApproval ? null : (
        <Message kind="info">
          Every user may use this app once they approved it in a browser. A server has no browser:
          choose "{permittedUsersLabels.adminApproved}" under Edit Policies. Profiles and permission
          sets count only then.
        </Message>
      )}
      <Card title="OAuth policies">
        <Details
          rows={[
            ['Status', statusOf(app)],
            ['Permitted Users', permittedUsersLabels[app.permittedUsers]],
            ['IP Relaxation', ipRelaxationLabels[app.ipRelaxation]],
            ['Refresh Token Policy', refreshTokenPolicyOf(app)],
          ]}
        />
      </Card>
      <Card title="Session Policies">
        <Details
          rows={[
            [
              'Timeout Value',
              app.sessionTimeoutMinutes === undefined
                ? `That of the profile, else that of the org (${durationOf(orgSettings(context.database).sessionTimeoutMinutes)})`
                : durationOf(app.sessionTimeoutMinutes),
            ],
            ...(app.jwtAccessTokens
              ? [
                  [
                    'Token Timeout (JWT-based access tokens)',
                    app.jwtTimeoutMinutes === undefined
                      ? 'That of the session'
                      : durationOf(app.jwtTimeoutMinutes),
                  ] as const,
                ]
              : []),
          ]}
        />
      </Card>
      <Assigned
        title="Profiles"
        names={profiles.map(({ name }) => name)}
        button="Manage Profiles"
        href={appPath(app.id, 'profiles')}
      />
      <Assigned
        title="Permission Sets"
        names={permissionSets.map(({ label }) => label)}
        button="Manage Permission Sets"
        href={appPath(app.id, 'permission-sets')}
      />
    </>,
  );
}

function Assigned({
  title,
  names,
  button,
  href,
}: {
  title: string;
  names: readonly string[];
  button: string;
  href: string;
}): Child {
  const manage = (
    <a class="button" href={href}>
      {button}
    </a>
  );
  return (
    <Card title={title} actions={manage} isFull={names.length === 0}>
      {names.length === 0 ? (
        <EmptyState title={`No ${title.toLowerCase()} assigned`}>
          Users who have one that is assigned here are pre-authorized: they need not approve the
          app.
        </EmptyState>
      ) : (
        <ul>
          {names.map((name) => (
            <li>
              <bdi>{name}</bdi>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function refreshTokenPolicyOf({ refreshTokenPolicy, refreshTokenHours }: ClientApp): string {
  const label = refreshTokenPolicyLabels[refreshTokenPolicy];
  return refreshTokenPolicy.startsWith('specific') && refreshTokenHours !== undefined
    ? `${label}: ${durationOf(refreshTokenHours * 60)}`
    : label;
}

/** The largest unit that needs no fraction. */
export function durationOf(minutes: number): string {
  const units = [
    ['day', 24 * 60],
    ['hour', 60],
    ['minute', 1],
  ] as const;
  const [unit, size] = units.find(([, length]) => minutes >= length && minutes % length === 0) ?? [
    'minute',
    1,
  ];
  const count = minutes / size;
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: appPath(':id', 'manage'), handle: show },
];
