import { OrgError } from '../org-error.ts';
import type { Records } from '../store/records.ts';

/** An Experience Cloud site: its users sign in under a path of its own, which is their audience. */
export interface Site {
  id: string;
  /** First segment of the path, such as `portal`. */
  path: string;
}

/** First segments that are Salesforce's own. */
const taken = new Set(['services', 'id', 'secur', 'setup', 'lightning', '.well-known', '_org']);

export class Sites {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** @throws OrgError FIELD_INVALID, NAME_TAKEN */
  create({ path }: { path: string }): Site {
    if (!/^[A-Za-z][\w-]*$/.test(path) || taken.has(path.toLowerCase())) {
      throw new OrgError('FIELD_INVALID', `"${path}" cannot be the path of a site`, {
        hints: ['One path segment of letters, digits, dashes and underscores, such as portal.'],
      });
    }
    if (this.find(path) !== undefined) {
      throw new OrgError('NAME_TAKEN', `There is a site at "${path}" already`);
    }
    const id = this.#records.nextId('0DM');
    this.#records.insert('_Site', { Id: id, _path: path });
    return { id, path };
  }

  find(path: string): Site | undefined {
    const row = this.#records.find('_Site', { _path: path });
    return row === undefined ? undefined : { id: String(row['Id']), path: String(row['_path']) };
  }
}
