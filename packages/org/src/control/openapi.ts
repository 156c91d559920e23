/** The OpenAPI 3.1 description of `/_org`, written from the list that is served. */

import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import type { Operation } from './operations.ts';

/** @param url origin of the org */
export function describeOperations(operations: readonly Operation[], url: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const path = `/_org${operation.path}`;
    paths[path] = { ...paths[path], [operation.method.toLowerCase()]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Control of a local org',
      version: '1',
      summary: 'Time, faults, journal and content of a local stand-in for a Salesforce org.',
      description:
        'For programs on this machine: pages of other sites are refused. ' +
        'What changes the org is sent as application/json, also without a body.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url }],
    security: [],
    paths,
    components: { schemas: { Error: errorSchema } },
  };
}

const errorSchema = {
  type: 'object',
  required: ['code', 'message', 'hints'],
  properties: {
    code: { type: 'string', description: 'stable; listed in docs/errors.md' },
    message: { type: 'string' },
    hints: { type: 'array', items: { type: 'string' } },
  },
} as const;

function describe({ path, name, summary, query = {}, takes, answers }: Operation): object {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'integer' },
  }));
  const inQuery = Object.entries(query).map(([parameter, description]) => ({
    name: parameter,
    in: 'query',
    description,
    schema: { type: 'string' },
  }));
  return {
    operationId: name,
    summary,
    ...(inPath.length + inQuery.length === 0 ? {} : { parameters: [...inPath, ...inQuery] }),
    ...(takes === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schemaOf(takes) } },
          },
        }),
    responses: {
      ...(answers === 'nothing'
        ? { '204': { description: 'Done' } }
        : { '200': { description: summary, content: contentOf(answers) } }),
      '4XX': {
        description: 'Refused, with the reason',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

function contentOf(answers: Exclude<Operation['answers'], 'nothing'>): object {
  if (typeof answers === 'string') return { [answers]: { schema: { type: 'string' } } };
  return { 'application/json': { schema: schemaOf(answers) } };
}

function schemaOf(schema: GenericSchema): object {
  const described: object = toJsonSchema(schema, { errorMode: 'ignore' });
  // The version of JSON Schema is that of OpenAPI.
  return Object.fromEntries(Object.entries(described).filter(([name]) => name !== '$schema'));
}
