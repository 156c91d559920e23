import type { Child } from 'hono/jsx';
import { changeOrgSettings, orgSettings } from '../../directory/organization.ts';
import { refusals } from '../../faults.ts';
import type { Fault, PlannedFault, RefusalName } from '../../faults.ts';
import { OrgError } from '../../org-error.ts';
import { highestLoginsPerHour } from '../../policies/login-rate.ts';
import { namedTargets } from '../../request-target.ts';
import type { RequestTarget } from '../../request-target.ts';
import { Card } from '../elements/card.tsx';
import { ErrorSummary, SelectField, TextField } from '../elements/form.tsx';
import type { FieldErrors } from '../elements/form.tsx';
import { Instant } from '../elements/instant.tsx';
import { Status } from '../elements/message.tsx';
import { Table } from '../elements/table.tsx';
import { ActionButton } from './action-button.tsx';
import { paths } from './navigation.ts';
import { outcomeOf, withOutcome } from './outcome.ts';
import { FormToken, setupPage } from './setup-page.tsx';
import { seeOther } from './setup-route.ts';
import type { SetupCall, SetupPost, SetupRoute } from './setup-route.ts';
import { StandInNote } from './stand-in-note.tsx';

const sentences = {
  advanced: 'The clock was moved.',
  frozen: 'Time stands still.',
  resumed: 'Time runs on.',
  reset: 'The clock is that of this machine again.',
  planned: 'The fault is planned: requests that fit will meet it.',
  removed: 'The fault was removed.',
  limited: 'The limits were saved.',
} as const;

const units = { minutes: 'minutes', hours: 'hours', days: 'days', seconds: 'seconds' } as const;

/** Without `any`: it would befall the pages too, and this one could not take it back. */
const targets = namedTargets.filter((name) => name !== 'any');

/** What a fault does -> its words. A refusal is one of Salesforce's own. */
const effects = {
  status503: 'Answer 503, Service Unavailable',
  status429: 'Answer 429, Too Many Requests, with Retry-After: 2',
  status500: 'Answer 500, with a page in HTML',
  notJson: 'Answer 200, with a page in HTML',
  delay: 'Answer after 30 seconds',
  resetBefore: 'Break the connection, before the org does its work',
  resetAfter: 'Break the connection, after the org did its work',
  truncate: 'End the connection after 20 bytes of the body',
  dateBehind: 'Date header 10 minutes behind',
  endSessionBefore: 'End the session, before the request is looked at',
  endSessionAfter: 'End the session, right after the answer',
} as const;

const faultsOfEffects: Readonly<Record<keyof typeof effects, Fault>> = {
  status503: { status: 503 },
  status429: { status: 429, headers: { 'retry-after': '2' } },
  status500: { status: 500, body: '<html><body>Internal Server Error</body></html>' },
  notJson: { status: 200, body: '<html><body>Maintenance</body></html>' },
  delay: { delay: { seconds: 30 } },
  resetBefore: { reset: 'before' },
  resetAfter: { reset: 'after' },
  truncate: { truncate: 20 },
  dateBehind: { dateSkew: { minutes: -10 } },
  endSessionBefore: { endSession: 'before' },
  endSessionAfter: { endSession: 'after' },
};

const choices: Readonly<Record<string, string>> = {
  ...effects,
  ...Object.fromEntries(refusals.map((name) => [`refusal:${name}`, `Refuse: ${name}`])),
};

interface Entered {
  errors: FieldErrors;
  entered?: Readonly<Record<string, string>>;
}

/** Clock and Faults: what time it is in the org, and what goes wrong there on purpose. */
function show(call: SetupCall, { errors, entered = {} }: Entered = { errors: {} }): Response {
  const { context, faults } = call;
  const { clock, database } = context;
  const { loginsPerHour } = orgSettings(database);
  const planned = faults.list();
  const path = paths.clockAndFaults;
  return setupPage(
    call,
    {
      title: 'Clock and Faults',
      section: path,
      message: outcomeOf(call, sentences),
      status: Object.keys(errors).length === 0 ? 200 : 422,
    },
    <>
      <StandInNote />
      <ErrorSummary errors={errors} />
      <Card
        title="Clock"
        id="clock"
        actions={
          <>
            <ActionButton
              call={call}
              action={`${path}/clock`}
              label={clock.frozen ? 'Resume' : 'Freeze'}
              fields={{ act: clock.frozen ? 'resume' : 'freeze' }}
            />
            <ActionButton
              call={call}
              action={`${path}/clock`}
              label="Reset"
              fields={{ act: 'reset' }}
            />
          </>
        }
        isFull
      >
        <div class="card-body">
          <p>
            It is <Instant at={clock.now()} />{' '}
            {clock.frozen ? <Status kind="warning">Frozen</Status> : null}
          </p>
          <p class="quiet">
            Sessions, assertions and certificates go by this clock. Your own session ends too, when
            it is moved beyond its timeout.
          </p>
        </div>
        <form class="row-form" method="post" action={`${path}/clock`} novalidate>
          <FormToken call={call} />
          <input type="hidden" name="act" value="advance" />
          <TextField
            name="amount"
            label="Advance by"
            type="number"
            value={entered['amount'] ?? '15'}
            hint="Negative goes back."
            errors={errors}
          />
          <SelectField name="unit" label="Unit" value={entered['unit']} choices={units} />
          <button class="button">Advance</button>
        </form>
      </Card>
      <Card title="Faults" id="faults" isFull>
        {planned.length === 0 ? (
          <div class="card-body quiet">None is planned: every request is answered as usual.</div>
        ) : (
          <PlannedFaults call={call} planned={planned} />
        )}
        <form class="row-form" method="post" action={`${path}/plan`} novalidate>
          <FormToken call={call} />
          <SelectField
            name="target"
            label="Requests"
            value={entered['target']}
            choices={targets.map((name) => [name, name] as const)}
            errors={errors}
          />
          <SelectField
            name="effect"
            label="What happens"
            value={entered['effect']}
            choices={choices}
            errors={errors}
          />
          <TextField
            name="times"
            label="How often"
            type="number"
            minimum={1}
            value={entered['times'] ?? '1'}
            hint="Empty: until it is removed."
            errors={errors}
          />
          <button class="button">Plan Fault</button>
        </form>
      </Card>
      <form method="post" action={`${path}/limits`} novalidate>
        <FormToken call={call} />
        <Card title="Limits">
          <TextField
            name="loginsPerHour"
            label="Logins of a user per hour"
            type="number"
            minimum={1}
            maximum={highestLoginsPerHour}
            value={entered['loginsPerHour'] ?? String(loginsPerHour)}
            hint="3,600 in Salesforce, which nobody can change there. Lower it to see what a client does."
            errors={errors}
          />
          <TextField
            name="dailyApiRequests"
            label="Requests of the REST API in 24 hours"
            type="number"
            minimum={0}
            value={entered['dailyApiRequests'] ?? String(context.apiUsage.dailyLimit)}
            hint={`${context.apiUsage.used.toLocaleString('en-US')} are used. 0 refuses them all.`}
            errors={errors}
          />
          <button class="button">Save Limits</button>
        </Card>
      </form>
    </>,
  );
}

function PlannedFaults({
  call,
  planned,
}: {
  call: SetupCall;
  planned: readonly PlannedFault[];
}): Child {
  return (
    <Table
      caption="Planned faults. The first one that fits a request befalls it."
      rows={planned}
      columns={[
        { label: 'Fault', isNarrow: true, cell: ({ id }) => id },
        { label: 'Requests', cell: ({ target }) => <code>{target}</code> },
        { label: 'What happens', cell: ({ fault }) => <code>{JSON.stringify(fault)}</code> },
        {
          label: 'Left',
          cell: ({ remaining, every }) =>
            `${remaining ?? 'No end'}${every === 1 ? '' : `, every ${every}th`}`,
        },
        { label: 'Happened', cell: ({ happened }) => happened },
        {
          label: 'Action',
          isNarrow: true,
          isLabelHidden: true,
          cell: ({ id }) => (
            <ActionButton
              call={call}
              action={`${paths.clockAndFaults}/remove`}
              label="Remove"
              of={`fault ${id}`}
              kind="danger"
              fields={{ id: String(id) }}
            />
          ),
        },
      ]}
    />
  );
}

function changeClock(call: SetupPost): Response {
  const { form, context } = call;
  const { clock } = context;
  const done = (word: keyof typeof sentences): Response =>
    seeOther(withOutcome(paths.clockAndFaults, word));
  switch (form.text('act')) {
    case 'freeze':
      clock.freeze();
      return done('frozen');
    case 'resume':
      clock.resume();
      return done('resumed');
    case 'reset':
      clock.reset();
      return done('reset');
    default:
      return advance(call) ?? done('advanced');
  }
}

/** Undefined when it was done. */
function advance(call: SetupPost): Response | undefined {
  const { form, context } = call;
  const [typed, unit] = [form.text('amount'), form.text('unit')];
  const again = (error: string): Response =>
    show(call, { errors: { amount: error }, entered: { amount: typed, unit } });
  const amount = typed === '' ? Number.NaN : Number(typed);
  if (!Number.isFinite(amount)) return again('Enter a number');
  try {
    context.clock.advance({ [Object.hasOwn(units, unit) ? unit : 'minutes']: amount });
    return undefined;
  } catch (error) {
    if (error instanceof OrgError) return again(error.message);
    throw error;
  }
}

function plan(call: SetupPost): Response {
  const { form, faults } = call;
  const entered = {
    target: form.text('target'),
    effect: form.text('effect'),
    times: form.text('times'),
  };
  const { target, effect } = entered;
  const times = entered.times === '' ? Number.POSITIVE_INFINITY : Number(entered.times);
  const errors: Record<string, string> = {};
  if (!targets.includes(target)) errors['target'] = 'Choose one of the requests';
  if (!Object.hasOwn(choices, effect)) errors['effect'] = 'Choose what happens';
  if (!(times === Number.POSITIVE_INFINITY || (Number.isInteger(times) && times >= 1))) {
    errors['times'] = 'Enter a whole number from 1 on, or nothing';
  }
  if (Object.keys(errors).length > 0) return show(call, { errors, entered });
  faults.next(target as RequestTarget, faultOf(effect), { times });
  return seeOther(withOutcome(`${paths.clockAndFaults}#faults`, 'planned'));
}

function faultOf(effect: string): Fault {
  return Object.hasOwn(faultsOfEffects, effect)
    ? faultsOfEffects[effect as keyof typeof effects]
    : { refusal: effect.slice('refusal:'.length) as RefusalName };
}

function remove({ form, faults }: SetupPost): Response {
  faults.remove(Number(form.text('id')));
  return seeOther(withOutcome(`${paths.clockAndFaults}#faults`, 'removed'));
}

/** Limits that can be saved -> the lowest and the highest number. */
const limitRanges = {
  loginsPerHour: [1, highestLoginsPerHour],
  dailyApiRequests: [0, 1_000_000_000],
} as const;

function saveLimits(call: SetupPost): Response {
  const errors: Record<string, string> = {};
  const limit = (name: keyof typeof limitRanges): number => {
    const typed = call.form.text(name);
    const value = typed === '' ? Number.NaN : Number(typed);
    const [least, most] = limitRanges[name];
    if (!Number.isInteger(value) || value < least || value > most) {
      errors[name] = `Enter a whole number from ${least} to ${most}`;
    }
    return value;
  };
  const loginsPerHour = limit('loginsPerHour');
  const dailyApiRequests = limit('dailyApiRequests');
  if (Object.keys(errors).length > 0) {
    const entered = Object.fromEntries(
      Object.keys(limitRanges).map((name) => [name, call.form.text(name)]),
    );
    return show(call, { errors, entered });
  }
  const { records, organization, apiUsage } = call.context;
  changeOrgSettings(records, organization, { loginsPerHour });
  apiUsage.dailyLimit = dailyApiRequests;
  return seeOther(withOutcome(paths.clockAndFaults, 'limited'));
}

export const routes: readonly SetupRoute[] = [
  { method: 'GET', path: paths.clockAndFaults, handle: (call) => show(call) },
  { method: 'POST', path: `${paths.clockAndFaults}/clock`, handle: changeClock },
  { method: 'POST', path: `${paths.clockAndFaults}/plan`, handle: plan },
  { method: 'POST', path: `${paths.clockAndFaults}/remove`, handle: remove },
  { method: 'POST', path: `${paths.clockAndFaults}/limits`, handle: saveLimits },
];
