/** Edit Policies: each choice changes what the token endpoint answers. */

import { permittedUsersLabels } from '../../directory/client-app.ts';
import type { ClientApp, ClientAppPolicies } from '../../directory/client-app.ts';
import { ipRelaxationLabels } from '../../policies/ip-ranges.ts';
import { refreshTokenPolicyLabels } from '../../policies/refresh-token.ts';
import { jwtTimeoutChoices, sessionTimeoutLimits } from '../../policies/session-timeout.ts';
import { Card } from '../elements/card.tsx';
import { ErrorSummary, FormEnd, SelectField, TextField } from '../elements/form.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import { durationOf } from './manage-client-app.tsx';
import { appPath, paths } from './navigation.ts';
import type { SetupForm } from './setup-form.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';

type Policies = Pick<
  ClientAppPolicies,
  | 'permittedUsers'
  | 'ipRelaxation'
  | 'refreshTokenPolicy'
  | 'refreshTokenHours'
  | 'sessionTimeoutMinutes'
  | 'jwtTimeoutMinutes'
  | 'isEnabled'
>;

/** Session Settings of Salesforce offer these, and every app of a seed any number of minutes. */
const timeoutMinutes = [15, 30, 60, 120, 240, 480, 720, 1440];

function show(
  call: SetupCall,
  app: ClientApp,
  { policies, errors = {} }: { policies: Policies; errors?: FieldErrors },
): Response {
  const { sessionTimeoutMinutes: timeout, jwtTimeoutMinutes } = policies;
  const timeouts = [...new Set([...timeoutMinutes, ...(timeout === undefined ? [] : [timeout])])];
  return setupPage(
    call,
    {
      title: 'Edit Policies',
      section: paths.appManager,
      crumbs: [{ label: app.name, href: appPath(app.id, 'manage') }],
      status: Object.keys(errors).length > 0 ? 422 : 200,
    },
    <form method="post">
      <FormToken call={call} />
      <ErrorSummary errors={errors} />
      <Card title="OAuth policies">
        <SelectField
          name="permittedUsers"
          label="Permitted Users"
          choices={permittedUsersLabels}
          value={policies.permittedUsers}
          hint="Pre-authorized users need no browser: what a server needs. Who they are is said under Manage Profiles and Manage Permission Sets."
        />
        <SelectField
          name="ipRelaxation"
          label="IP Relaxation"
          choices={ipRelaxationLabels}
          value={policies.ipRelaxation}
          hint="Restrictions are the Login IP Ranges of the user's profile."
        />
        <SelectField
          name="refreshTokenPolicy"
          label="Refresh Token Policy"
          choices={refreshTokenPolicyLabels}
          value={policies.refreshTokenPolicy}
          hint="For the web server flow: the JWT bearer flow gives no refresh token."
        />
        <TextField
          name="refreshTokenHours"
          label="Specific time of the refresh token policy, in hours"
          type="number"
          minimum={1}
          value={policies.refreshTokenHours === undefined ? '' : String(policies.refreshTokenHours)}
          errors={errors}
        />
        {app.kind === 'externalClientApp' ? (
          <SelectField
            name="isEnabled"
            label="App Status"
            choices={{ yes: 'Enabled', no: 'Disabled' }}
            value={policies.isEnabled ? 'yes' : 'no'}
          />
        ) : null}
      </Card>
      <Card title="Session Policies">
        <SelectField
          name="sessionTimeoutMinutes"
          label="Timeout Value"
          value={String(timeout ?? '')}
          choices={[
            ['', 'None: that of the profile, else that of the org'],
            ...timeouts
              .toSorted((a, b) => a - b)
              .map((minutes) => [String(minutes), durationOf(minutes)] as const),
          ]}
          hint="Time without activity after which a session ends."
          errors={errors}
        />
        {app.jwtAccessTokens ? (
          <SelectField
            name="jwtTimeoutMinutes"
            label="Token Timeout (JWT-based access tokens)"
            value={String(jwtTimeoutMinutes ?? '')}
            choices={[
              ['', 'None: that of the session'],
              ...jwtTimeoutChoices.map(
                (minutes) => [String(minutes), durationOf(minutes)] as const,
              ),
            ]}
            errors={errors}
          />
        ) : null}
      </Card>
      <FormEnd cancel={appPath(app.id, 'manage')} />
    </form>,
  );
}

function save(call: SetupPost): Response {
  const app = appOf(call);
  const policies = sentPolicies(call.form, app);
  const errors = errorsOf(policies);
  if (Object.keys(errors).length > 0) return show(call, app, { policies, errors });
  call.context.clientApps.setPolicies(app, policies);
  return seeOther(`${appPath(app.id, 'manage')}?saved`);
}

function sentPolicies(form: SetupForm, app: ClientApp): Policies {
  return {
    permittedUsers: choice(form.text('permittedUsers'), permittedUsersLabels, app.permittedUsers),
    ipRelaxation: choice(form.text('ipRelaxation'), ipRelaxationLabels, app.ipRelaxation),
    refreshTokenPolicy: choice(
      form.text('refreshTokenPolicy'),
      refreshTokenPolicyLabels,
      app.refreshTokenPolicy,
    ),
    refreshTokenHours: wholeNumber(form.text('refreshTokenHours')),
    sessionTimeoutMinutes: wholeNumber(form.text('sessionTimeoutMinutes')),
    jwtTimeoutMinutes: form.has('jwtTimeoutMinutes')
      ? wholeNumber(form.text('jwtTimeoutMinutes'))
      : app.jwtTimeoutMinutes,
    isEnabled: form.has('isEnabled') ? form.text('isEnabled') === 'yes' : app.isEnabled,
  };
}

/** What a browser cannot send leaves things as they are. */
function choice<Value extends string>(
  text: string,
  labels: Readonly<Record<Value, string>>,
  otherwise: Value,
): Value {
  return Object.hasOwn(labels, text) ? (text as Value) : otherwise;
}

function wholeNumber(text: string): number | undefined {
  return text === '' ? undefined : Number(text);
}

function errorsOf(policies: Policies): Record<string, string> {
  const { refreshTokenPolicy, refreshTokenHours, sessionTimeoutMinutes } = policies;
  const { minimum, maximum } = sessionTimeoutLimits;
  const errors: Record<string, string> = {};
  const isWithin = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  if (refreshTokenHours === undefined && refreshTokenPolicy.startsWith('specific')) {
    errors['refreshTokenHours'] = 'Enter the number of hours.';
  } else if (refreshTokenHours !== undefined && !isWithin(refreshTokenHours, 1, 100_000)) {
    errors['refreshTokenHours'] = 'Enter a whole number of hours, 100,000 at most.';
  }
  if (sessionTimeoutMinutes !== undefined && !isWithin(sessionTimeoutMinutes, minimum, maximum)) {
    errors['sessionTimeoutMinutes'] = `Choose a time of ${minimum} minutes to 24 hours.`;
  }
  const { jwtTimeoutMinutes } = policies;
  if (
    jwtTimeoutMinutes !== undefined &&
    !jwtTimeoutChoices.some((minutes) => minutes === jwtTimeoutMinutes)
  ) {
    errors['jwtTimeoutMinutes'] = 'Choose one of the times.';
  }
  return errors;
}

function appOf({ context, parameters }: SetupCall): ClientApp {
  return context.clientApps.getById(parameters['id'] ?? '');
}

const path = appPath(':id', 'policies');

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path, handle: (call) => show(call, appOf(call), { policies: appOf(call) }) },
  { method: 'POST', path, handle: save },
];
