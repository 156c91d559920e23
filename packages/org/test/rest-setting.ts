import { expect } from 'vitest';
import type { Org, OrgOptions } from '../src/index.ts';
import { orgSetting } from './org-setting.ts';

export interface Answer {
  status: number;
  body: unknown;
  headers: Headers;
}

export interface QueryAnswer {
  totalSize: number;
  done: boolean;
  nextRecordsUrl?: string;
  records: Record<string, unknown>[];
}

export interface RestSetting {
  org: Org;
  /** A call with a token that works; a path without a version is one of 67.0. */
  call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  /** Makes a record and tells its id. */
  create: (object: string, values: Record<string, unknown>) => Promise<string>;
  /** The record with all its fields. */
  read: (object: string, id: string) => Promise<Record<string, unknown>>;
  query: (soql: string) => Promise<QueryAnswer>;
}

export const root = '/services/data/v67.0';

/** An org, and a user of it who is signed in. */
export async function restSetting(options: OrgOptions = {}): Promise<RestSetting> {
  const { org, token } = await orgSetting(options);
  // Whoever writes rows of Setup needs these.
  org.profiles.change(org.profiles.get('Standard User'), {
    permissions: ['ManageUsers', 'AssignPermissionSets', 'ManageProfilesPermissionsets'],
  });
  const authorization = `Bearer ${await token()}`;
  const call: RestSetting['call'] = async (method, path, body, headers = {}) => {
    const response = await org.fetch(
      new Request(org.url + (path.startsWith('/services') ? path : root + path), {
        method,
        headers: { authorization, 'content-type': 'application/json', ...headers },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
      headers: response.headers,
    };
  };
  return {
    org,
    call,
    create: async (object, values) => {
      const { status, body } = await call('POST', `/sobjects/${object}`, values);
      expect(body).toMatchObject({ success: true });
      expect(status).toBe(201);
      return (body as { id: string }).id;
    },
    read: async (object, id) => {
      const { body } = await call('GET', `/sobjects/${object}/${id}`);
      return body as Record<string, unknown>;
    },
    query: async (soql) => {
      const { status, body } = await call('GET', `/query?q=${encodeURIComponent(soql)}`);
      expect(body).toHaveProperty('records');
      expect(status).toBe(200);
      return body as QueryAnswer;
    },
  };
}
