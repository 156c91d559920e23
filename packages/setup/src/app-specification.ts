/**
 * What an app should be, as a small text that can live in git: it holds no secret. Words are those of
 * Setup; whatever is left out is decided here, in one place.
 */

import { readFile } from 'node:fs/promises';
import { SetupError } from './errors.ts';
import { specificationSchema } from './specification-schema.ts';
import type {
  AppKind,
  AppSpecification,
  IpRelaxation,
  PermittedUsers,
} from './specification-schema.ts';

/** The same with every decision made. */
export interface ResolvedApp {
  kind: AppKind;
  name: string;
  apiName: string;
  contactEmail: string;
  description: string;
  callbackUrl: string;
  consumerKey: 'chosen' | 'generated' | { value: string };
  scopes: readonly string[];
  permittedUsers: PermittedUsers;
  permissionSets: readonly string[];
  profiles: readonly string[];
  users: readonly string[];
  ipRelaxation: IpRelaxation;
  sessionTimeoutMinutes: number | undefined;
  certificate: { days: number; bits: 2048 | 3072 | 4096; subject: string };
  /** What the specification names itself: of an app that is there, only that is changed. */
  named: ReadonlySet<keyof AppSpecification>;
}

/** As the Salesforce CLI has it: a loopback address that nobody answers at. */
const unusedCallback = 'http://localhost:1717/OauthRedirect';

/**
 * Checks a specification and decides what it leaves open.
 *
 * @throws SetupError SPECIFICATION_INVALID, naming each field
 */
export async function resolveSpecification(specification: unknown): Promise<ResolvedApp> {
  const parsed = await parseSpecification(specification);
  const { kind = 'externalClientApp', name, contactEmail } = parsed;
  const apiName = parsed.apiName ?? apiNameOf(name);
  const profiles = parsed.profiles ?? [];
  const permittedUsers = parsed.permittedUsers ?? 'adminApproved';
  const marker =
    permittedUsers === 'adminApproved' && profiles.length === 0 ? [`${apiName}_Access`] : [];
  const { consumerKey = 'chosen' } = parsed;
  return {
    kind,
    name,
    apiName,
    contactEmail,
    description:
      parsed.description ?? 'Server-to-server sign-in (OAuth 2.0 JWT bearer), kept by sfjwt setup',
    callbackUrl: parsed.callbackUrl ?? unusedCallback,
    consumerKey:
      consumerKey === 'chosen' || consumerKey === 'generated'
        ? consumerKey
        : { value: consumerKey },
    scopes: parsed.scopes ?? ['api', 'refresh_token'],
    permittedUsers,
    permissionSets: parsed.permissionSets ?? marker,
    profiles,
    users: parsed.users ?? [],
    ipRelaxation: parsed.ipRelaxation ?? 'enforce',
    sessionTimeoutMinutes: parsed.sessionTimeoutMinutes,
    certificate: {
      days: parsed.certificate?.days ?? 3650,
      bits: parsed.certificate?.bits ?? 2048,
      subject: parsed.certificate?.subject ?? `CN=${apiName}`,
    },
    named: new Set(
      (Object.keys(parsed) as (keyof AppSpecification)[]).filter(
        (field) => parsed[field] !== undefined,
      ),
    ),
  };
}

/** @throws SetupError SPECIFICATION_INVALID */
async function parseSpecification(specification: unknown): Promise<AppSpecification> {
  const v = await import('valibot');
  // Editors write it to say where the schema is.
  const given =
    typeof specification === 'object' && specification !== null && '$schema' in specification
      ? Object.fromEntries(Object.entries(specification).filter(([name]) => name !== '$schema'))
      : specification;
  const result = v.safeParse(specificationSchema(v), given);
  if (result.success) return result.output;
  const issues = result.issues.map((issue) => {
    const field = v.getDotPath(issue) ?? 'specification';
    if (issue.expected === 'never') return `${field}: there is no such field`;
    return `${field}: ${issue.received === 'undefined' ? 'is missing' : issue.message}`;
  });
  throw invalid(issues.join('; '));
}

function invalid(reason: string, cause?: unknown): SetupError {
  return new SetupError('SPECIFICATION_INVALID', `The app cannot be set up so: ${reason}`, {
    cause,
    hints: ['docs/setup.md lists the fields; a specification holds no secret.'],
  });
}

/**
 * Reads a specification, JSON or YAML.
 *
 * @throws SetupError FILE_UNREADABLE, SPECIFICATION_INVALID
 */
export async function readSpecificationFile(file: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new SetupError('FILE_UNREADABLE', `The specification ${file} cannot be read`, {
      cause,
      hints: ['Check the path, and that this user may read the file.'],
    });
  }
  const { parse } = await import('yaml');
  let value: unknown;
  try {
    // YAML 1.2 is a superset of JSON: one parser reads both.
    value = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw invalid(`${file} is neither JSON nor YAML`, cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw invalid(`${file} holds no fields`);
}

/** As Setup fills it in: letters and digits of the name, with single underscores between. */
function apiNameOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');
  if (words === '') throw invalid('apiName: is missing, and does not follow from the name');
  return (/^[A-Za-z]/.test(words) ? words : `X${words}`).slice(0, 60).replace(/_+$/, '');
}
