import type { Records } from '../store/records.ts';
import type { ClientApp } from './client-app.ts';
import type { User } from './user.ts';

/** What users allowed an app to do by themselves, in a browser, under "self-authorize". */
export class Approvals {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Records that the user said Allow; scopes add up over several approvals. */
  grant(user: User, app: ClientApp, scopes: readonly string[]): void {
    const pair = { _userId: user.id, _clientAppId: app.id };
    const row = this.#records.find('_Approval', pair);
    if (row === undefined) {
      const id = this.#records.nextId('0CQ');
      this.#records.insert('_Approval', { Id: id, ...pair, _scopes: scopes.join(' ') });
      return;
    }
    const union = new Set([...this.scopes(user, app), ...scopes]);
    this.#records.update('_Approval', String(row['Id']), { _scopes: [...union].join(' ') });
  }

  /** Takes back all that the user approved for the app. */
  remove({ userId, clientAppId }: { userId: string; clientAppId: string }): void {
    const row = this.#records.find('_Approval', { _userId: userId, _clientAppId: clientAppId });
    if (row !== undefined) this.#records.delete('_Approval', String(row['Id']));
  }

  /** The union of all scopes this user approved for this app. */
  scopes(user: User, app: ClientApp): string[] {
    const row = this.#records.find('_Approval', { _userId: user.id, _clientAppId: app.id });
    return String(row?.['_scopes'] ?? '')
      .split(' ')
      .filter((scope) => scope !== '');
  }
}
