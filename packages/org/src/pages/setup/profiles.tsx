import type { Child } from 'hono/jsx';
import type { Profile } from '../../directory/profile.ts';
import { OrgError } from '../../org-error.ts';
import type { IpRange } from '../../policies/ip-ranges.ts';
import { clockTime, weekdays } from '../../policies/login-hours.ts';
import type { LoginHours, Weekday } from '../../policies/login-hours.ts';
import { sessionTimeoutLimits } from '../../policies/session-timeout.ts';
import { Card } from '../elements/card.tsx';
import { Checkbox, ErrorSummary, FormEnd, SelectField, TextField } from '../elements/form.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import { Table } from '../elements/table.tsx';
import { ActionButton } from './action-button.tsx';
import { paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';
import { Submission } from './submission.tsx';

const sentences = {
  created: 'The profile was created.',
  saved: 'The profile was saved. It holds from the next request on.',
  added: 'The range was added. Logins from other addresses are refused from now on.',
  deleted: 'The range was deleted.',
} as const;

const pathOf = ({ id }: Profile): string => `${paths.profiles}/${id}`;

/** Profiles: what users may do, from where and when. */
function show(call: SetupCall): Response {
  const { profiles, users } = call.context;
  const members = new Map<string, number>();
  for (const { profileId } of users.list()) {
    members.set(profileId, (members.get(profileId) ?? 0) + 1);
  }
  return setupPage(
    call,
    {
      title: 'Profiles',
      actions: (
        <a class="button primary" href={`${paths.profiles}/new`}>
          New Profile
        </a>
      ),
    },
    <Card isFull>
      <Table
        caption="Profiles of this org"
        rows={profiles.list()}
        columns={[
          {
            label: 'Profile Name',
            cell: (profile) => (
              <a href={pathOf(profile)}>
                <bdi>{profile.name}</bdi>
              </a>
            ),
          },
          { label: 'Users', cell: ({ id }) => members.get(id) ?? 0 },
          { label: 'API Enabled', cell: ({ apiEnabled }) => (apiEnabled ? 'Yes' : 'No') },
          { label: 'API Only User', cell: ({ apiUserOnly }) => (apiUserOnly ? 'Yes' : 'No') },
          {
            label: 'Login IP Ranges',
            cell: ({ loginIpRanges }) =>
              loginIpRanges.length === 0 ? 'Any' : loginIpRanges.length,
          },
          {
            label: 'Login Hours',
            cell: ({ loginHours }) => (Object.keys(loginHours).length === 0 ? 'Any' : 'Restricted'),
          },
        ]}
      />
    </Card>,
  );
}

/** What was typed and not taken. */
interface Mistake {
  errors: FieldErrors;
  entered?: Readonly<Record<string, string>>;
}

/** @throws OrgError NOT_FOUND: somebody may have deleted it meanwhile */
function profileOf({ context, parameters }: SetupCall): Profile {
  const profile = context.profiles.findById(parameters['id'] ?? '');
  if (profile === undefined) throw new OrgError('NOT_FOUND', 'There is no such profile');
  return profile;
}

function showForms(
  call: SetupCall,
  profile: Profile,
  { errors, entered = {} }: Mistake = { errors: {} },
): Response {
  const { apiEnabled, apiUserOnly, sessionTimeoutMinutes, loginIpRanges, loginHours } = profile;
  return setupPage(
    call,
    {
      title: profile.name,
      lead: 'A change holds from the next request on.',
      section: paths.profiles,
      message: outcomeOf(call, sentences),
      status: Object.keys(errors).length === 0 ? 200 : 422,
    },
    <>
      <ErrorSummary errors={errors} />
      <form method="post" action={`${pathOf(profile)}/permissions`} novalidate>
        <FormToken call={call} />
        <Card title="Administrative Permissions">
          <Checkbox
            name="apiEnabled"
            label="API Enabled"
            isChecked={apiEnabled}
            hint="Without it, and without a permission set that has it, the REST API refuses the tokens of these users."
          />
          <Checkbox
            name="apiUserOnly"
            label="API Only User"
            isChecked={apiUserOnly}
            hint="No login in a browser."
          />
          <TextField
            name="sessionTimeoutMinutes"
            label="Session Timeout, in minutes"
            type="number"
            minimum={sessionTimeoutLimits.minimum}
            maximum={sessionTimeoutLimits.maximum}
            value={entered['sessionTimeoutMinutes'] ?? String(sessionTimeoutMinutes ?? '')}
            hint={`${sessionTimeoutLimits.minimum} to ${sessionTimeoutLimits.maximum}; empty: the setting of the org. A timeout of the app comes first.`}
            errors={errors}
          />
          <button class="button primary">Save</button>
        </Card>
      </form>
      <Card title="Login IP Ranges" id="loginIpRanges" isFull>
        {loginIpRanges.length === 0 ? (
          <div class="card-body quiet">
            No ranges: these users log in from any address. You are at {call.sourceIp}.
          </div>
        ) : (
          <Table
            caption={`Addresses from which these users log in, unless the app relaxes IP restrictions. You are at ${call.sourceIp}.`}
            rows={loginIpRanges}
            columns={[
              { label: 'IP Start Address', cell: (range) => <code>{range.startAddress}</code> },
              { label: 'IP End Address', cell: (range) => <code>{range.endAddress}</code> },
              {
                label: 'Action',
                isNarrow: true,
                isLabelHidden: true,
                cell: ({ startAddress, endAddress }) => (
                  <ActionButton
                    call={call}
                    action={`${pathOf(profile)}/delete-range`}
                    label="Delete"
                    of={`${startAddress} to ${endAddress}`}
                    kind="danger"
                    fields={{ startAddress, endAddress }}
                  />
                ),
              },
            ]}
          />
        )}
        <form class="row-form" method="post" action={`${pathOf(profile)}/add-range`} novalidate>
          <FormToken call={call} />
          <TextField
            name="startAddress"
            label="IP Start Address"
            value={entered['startAddress']}
            maxLength={45}
            isRequired
            errors={errors}
          />
          <TextField
            name="endAddress"
            label="IP End Address"
            value={entered['endAddress']}
            maxLength={45}
            isRequired
            errors={errors}
          />
          <button class="button">Add Range</button>
        </form>
      </Card>
      <form method="post" action={`${pathOf(profile)}/login-hours`} novalidate>
        <FormToken call={call} />
        <Card title="Login Hours" id="loginHours">
          <p class="quiet">
            Hours are GMT, the time zone of the org. No start and no end: any time. The same start
            and end: no login on that day.
          </p>
          <HoursTable hours={loginHours} errors={errors} />
          <div class="actions">
            <button class="button primary">Save Hours</button>
            <button class="button" name="clear" value="yes">
              Clear All Times
            </button>
          </div>
        </Card>
      </form>
    </>,
  );
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function HoursTable({ hours, errors }: { hours: LoginHours; errors: FieldErrors }): Child {
  return (
    <table class="hours">
      <thead>
        <tr>
          <th scope="col">Day</th>
          <th scope="col">Start Time</th>
          <th scope="col">End Time</th>
        </tr>
      </thead>
      <tbody>
        {weekdays.map((day) => (
          <tr>
            <th scope="row">
              {capital(day)}
              {Object.hasOwn(errors, `${day}Start`) ? (
                <p class="field-error" id={`${day}Start-error`}>
                  {errors[`${day}Start`]}
                </p>
              ) : null}
            </th>
            <td>
              <HourSelect day={day} end="Start" value={hours[`${day}Start`]} errors={errors} />
            </td>
            <td>
              <HourSelect day={day} end="End" value={hours[`${day}End`]} errors={errors} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const wholeHours = Array.from({ length: 25 }, (_, hour) => hour * 60);

function HourSelect({
  day,
  end,
  value,
  errors,
}: {
  day: Weekday;
  end: 'Start' | 'End';
  value: number | undefined;
  errors: FieldErrors;
}): Child {
  // Setup offers whole hours; a seed or the metadata may have put any minute here.
  const minutes = [...new Set([...wholeHours, ...(value === undefined ? [] : [value])])];
  minutes.sort((a, b) => a - b);
  const name = `${day}${end}`;
  const isWrong = Object.hasOwn(errors, `${day}Start`);
  return (
    <select
      id={name}
      name={name}
      aria-label={`${capital(day)} ${end === 'Start' ? 'Start' : 'End'} Time`}
      aria-invalid={isWrong ? 'true' : undefined}
      aria-describedby={isWrong ? `${day}Start-error` : undefined}
    >
      <option value="">Any time</option>
      {minutes.map((minute) => (
        <option value={String(minute)} selected={minute === value}>
          {minute === 24 * 60 ? 'End of Day' : clockTime(minute)}
        </option>
      ))}
    </select>
  );
}

function savePermissions(call: SetupPost): Response {
  const profile = profileOf(call);
  const { form, context } = call;
  const typed = form.text('sessionTimeoutMinutes');
  const minutes = typed === '' ? undefined : Number(typed);
  const { minimum, maximum } = sessionTimeoutLimits;
  if (
    minutes !== undefined &&
    !(Number.isInteger(minutes) && minutes >= minimum && minutes <= maximum)
  ) {
    return showForms(call, profile, {
      entered: { sessionTimeoutMinutes: typed },
      errors: { sessionTimeoutMinutes: `Enter whole minutes from ${minimum} to ${maximum}` },
    });
  }
  const apiUserOnly = form.has('apiUserOnly');
  context.profiles.change(profile, {
    apiEnabled: form.has('apiEnabled'),
    apiUserOnly,
    sessionTimeoutMinutes: minutes,
  });
  return seeOther(withOutcome(pathOf(profile), 'saved'));
}

function changeRanges(
  call: SetupPost,
  profile: Profile,
  loginIpRanges: readonly IpRange[],
  word: 'added' | 'deleted',
): Response {
  try {
    call.context.profiles.change(profile, { loginIpRanges });
    return seeOther(withOutcome(`${pathOf(profile)}#loginIpRanges`, word));
  } catch (error) {
    if (!(error instanceof OrgError)) throw error;
    return showForms(call, profile, {
      errors: { startAddress: [error.message, ...error.hints].join('. ') },
      entered: {
        startAddress: call.form.text('startAddress'),
        endAddress: call.form.text('endAddress'),
      },
    });
  }
}

function rangeIn({ form }: SetupPost): IpRange {
  return { startAddress: form.text('startAddress'), endAddress: form.text('endAddress') };
}

function addRange(call: SetupPost): Response {
  const profile = profileOf(call);
  const range = rangeIn(call);
  const others = withoutRange(profile, range);
  return changeRanges(call, profile, [...others, range], 'added');
}

function deleteRange(call: SetupPost): Response {
  const profile = profileOf(call);
  return changeRanges(call, profile, withoutRange(profile, rangeIn(call)), 'deleted');
}

function withoutRange({ loginIpRanges }: Profile, range: IpRange): IpRange[] {
  return loginIpRanges.filter(
    ({ startAddress, endAddress }) =>
      startAddress !== range.startAddress || endAddress !== range.endAddress,
  );
}

function saveHours(call: SetupPost): Response {
  const profile = profileOf(call);
  const loginHours: LoginHours = {};
  const errors: Record<string, string> = {};
  for (const day of call.form.has('clear') ? [] : weekdays) {
    const [start, end] = [call.form.text(`${day}Start`), call.form.text(`${day}End`)];
    if (start === '' && end === '') continue;
    const [from, to] = [start, end].map((minute) => (minute === '' ? Number.NaN : Number(minute)));
    if (!isMinute(from) || !isMinute(to) || from > to) {
      errors[`${day}Start`] = `${capital(day)}: choose a start and an end after it`;
      continue;
    }
    loginHours[`${day}Start`] = from;
    loginHours[`${day}End`] = to;
  }
  if (Object.keys(errors).length > 0) {
    return showForms(
      call,
      { ...profile, loginHours: { ...profile.loginHours, ...loginHours } },
      {
        errors,
      },
    );
  }
  call.context.profiles.change(profile, { loginHours });
  return seeOther(withOutcome(`${pathOf(profile)}#loginHours`, 'saved'));
}

function isMinute(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 24 * 60;
}

function showNew(call: SetupCall): Response {
  return showNewForm(call, { name: '', original: 'Standard User', errors: {} });
}

function showNewForm(
  call: SetupCall,
  { name, original, errors }: { name: string; original: string; errors: FieldErrors },
): Response {
  return setupPage(
    call,
    {
      title: 'Clone Profile',
      lead: 'A new profile begins as a copy of another one.',
      section: paths.profiles,
      status: Object.keys(errors).length === 0 ? 200 : 422,
    },
    <form method="post" action={`${paths.profiles}/new`} novalidate>
      <FormToken call={call} />
      <Submission call={call} />
      <ErrorSummary errors={errors} />
      <Card>
        <SelectField
          name="original"
          label="Existing Profile"
          value={original}
          choices={call.context.profiles.list().map((one) => [one.name, one.name] as const)}
          errors={errors}
        />
        <TextField
          name="name"
          label="Profile Name"
          value={name}
          maxLength={255}
          isRequired
          errors={errors}
        />
      </Card>
      <FormEnd cancel={paths.profiles} />
    </form>,
  );
}

function create(call: SetupPost): Response {
  const made = call.submissions.answerTo(call.form);
  if (made !== undefined) return seeOther(made);
  const { profiles } = call.context;
  const name = call.form.text('name');
  const original = call.form.text('original');
  const again = (errors: FieldErrors): Response => showNewForm(call, { name, original, errors });
  const copied = profiles.list().find((profile) => profile.name === original);
  if (copied === undefined) return again({ original: 'Choose a profile of this org' });
  if (name === '' || name.length > 255) {
    return again({ name: 'You must enter a value of at most 255 characters: Profile Name' });
  }
  const { apiEnabled, apiUserOnly, loginIpRanges, loginHours, sessionTimeoutMinutes } = copied;
  try {
    const profile = profiles.create({
      name,
      apiEnabled,
      apiUserOnly,
      loginIpRanges,
      loginHours,
      sessionTimeoutMinutes,
    });
    const location = withOutcome(pathOf(profile), 'created');
    call.submissions.remember(call.form, location);
    return seeOther(location);
  } catch (error) {
    if (!(error instanceof OrgError)) throw error;
    return again({ name: error.message });
  }
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.profiles, handle: show },
  { method: 'GET', path: `${paths.profiles}/new`, handle: showNew },
  { method: 'POST', path: `${paths.profiles}/new`, handle: create },
  {
    method: 'GET',
    path: `${paths.profiles}/:id`,
    handle: (call) => showForms(call, profileOf(call)),
  },
  { method: 'POST', path: `${paths.profiles}/:id/permissions`, handle: savePermissions },
  { method: 'POST', path: `${paths.profiles}/:id/add-range`, handle: addRange },
  { method: 'POST', path: `${paths.profiles}/:id/delete-range`, handle: deleteRange },
  { method: 'POST', path: `${paths.profiles}/:id/login-hours`, handle: saveHours },
];
