import type { AdminSession } from '../admin-session.ts';
import { soql } from '../soql.ts';
import type { CauseCode } from './cause.ts';
import type { Check } from './examination.ts';
import { fault, ok } from './finding.ts';
import type { Trouble } from './finding.ts';
import { orgView } from './org-view.ts';
import type { UserInOrg } from './org-state.ts';

interface LoginRow {
  Id: string;
  LoginTime: string;
  Status: string;
  SourceIp: string;
  Application: string | null;
}

/** What Login History says that no other record shows: where the user came from, and when. */
const told: readonly (readonly [
  status: RegExp,
  trouble: (row: LoginRow, user: UserInOrg) => Omit<Trouble, 'evidence'>,
])[] = [
  [
    /Restricted IP|IP Address Not Allowed/i,
    ({ SourceIp }, { profile }) => ({
      code: 'IP_RESTRICTED',
      says: `The user came from ${SourceIp}, which the login IP ranges of the profile ${profile} do not hold`,
      cure: {
        advice: `Add ${SourceIp}: Setup > Profiles > ${profile} > Login IP Ranges.`,
        otherwise: ['Or relax IP restrictions in the policies of the app.'],
      },
    }),
  ],
  [
    /Restricted time/i,
    ({ LoginTime }, { profile }) => ({
      code: 'LOGIN_HOURS_RESTRICTED',
      says: `The login hours of the profile ${profile} do not hold ${LoginTime.slice(0, 16).replace('T', ' ')} UTC`,
      cure: { advice: `Widen them: Setup > Profiles > ${profile} > Login Hours; or wait.` },
    }),
  ],
  [
    /rate exceeded/i,
    () => ({
      code: 'LOGIN_RATE_EXCEEDED',
      says: 'The user has used up the 3,600 logins that Salesforce allows in an hour',
      cure: {
        advice: 'Reuse access tokens: every token request counts as a login.',
        otherwise: ['Wait until the hour has passed; see who logs in so often: sfjwt sessions'],
      },
    }),
  ],
];

/** The row that our sign-in left behind. */
export const loginHistory: Check = {
  ground: 'org',
  name: 'login-history',
  async run(examination) {
    const { admin } = examination;
    const view = await orgView(examination);
    if (admin === undefined || view?.user === undefined) return [];
    const [row] = await newest(admin.session, view.user.id);
    if (row === undefined) return [ok('Login History has no row of this user')];
    const label = `LoginHistory ${row.Id}`;
    const when = row.LoginTime.slice(0, 19).replace('T', ' ');
    const app = row.Application === null ? '' : `, ${row.Application}`;
    const evidence = [{ label, value: `${row.Status}, ${when} from ${row.SourceIp}${app}` }];
    const { refusal } = examination;
    const known = told.find(([status]) => status.test(row.Status));
    if (known !== undefined && refusal !== undefined && isSaidOf(refusal.code)) {
      return [fault({ ...known[1](row, view.user), evidence })];
    }
    return [ok(`Last login in Login History: ${row.Status}, ${when} UTC`, undefined, evidence)];
  },
};

/** The refusals that such a row goes with. */
function isSaidOf(code: CauseCode): boolean {
  return /^(?:IP_RESTRICTED|LOGIN_HOURS_RESTRICTED|LOGIN_RATE_EXCEEDED)$/.test(code);
}

function newest(session: AdminSession, userId: string): Promise<LoginRow[]> {
  return session.query<LoginRow>(
    soql`SELECT Id, LoginTime, Status, SourceIp, Application FROM LoginHistory WHERE UserId = ${userId} ORDER BY LoginTime DESC LIMIT 1`,
  );
}
