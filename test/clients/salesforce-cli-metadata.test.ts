/** The Salesforce CLI deploys, lists and retrieves an external client app: a project as it makes one. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { outsider } from './local-org.ts';
import { stage, tested } from './salesforce-cli.ts';
import { salesforceCli } from './tried.ts';

const component = (root: string, elements: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="http://soap.sforce.com/2006/04/metadata">${elements}</${root}>\n`;
const app = '<externalClientApplication>Bulk_Loader</externalClientApplication>';

/** In source format, below the package directory. */
const files: Readonly<Record<string, string>> = {
  'externalClientApps/Bulk_Loader.eca-meta.xml': component(
    'ExternalClientApplication',
    '<contactEmail>ops@example.org</contactEmail><distributionState>Local</distributionState><isProtected>false</isProtected><label>Bulk Loader</label>',
  ),
  'extlClntAppGlobalOauthSets/Bulk_Loader_glbloauth.ecaGlblOauth-meta.xml': component(
    'ExtlClntAppGlobalOauthSettings',
    `<callbackUrl>http://localhost:1717/OauthRedirect</callbackUrl><consumerKey>chosen.by.a.project</consumerKey>${app}<label>Bulk_Loader_glbloauth</label>`,
  ),
  'extlClntAppOauthSettings/Bulk_Loader_oauth.ecaOauth-meta.xml': component(
    'ExtlClntAppOauthSettings',
    `<commaSeparatedOauthScopes>Api, RefreshToken</commaSeparatedOauthScopes>${app}<label>Bulk_Loader_oauth</label>`,
  ),
  'extlClntAppOauthPolicies/Bulk_Loader_oauthPlcy.ecaOauthPlcy-meta.xml': component(
    'ExtlClntAppOauthConfigurablePolicies',
    `<commaSeparatedPermissionSet>Bulk_Loader_Access</commaSeparatedPermissionSet>${app}<label>Bulk_Loader_oauthPlcy</label><permittedUsersPolicyType>AdminApprovedPreAuthorized</permittedUsersPolicyType>`,
  ),
  'extlClntAppPolicies/Bulk_Loader_plcy.ecaPlcy-meta.xml': component(
    'ExtlClntAppConfigurablePolicies',
    `${app}<isEnabled>true</isEnabled><isOauthPluginEnabled>true</isOauthPluginEnabled><label>Bulk_Loader_plcy</label>`,
  ),
  'permissionsets/Bulk_Loader_Access.permissionset-meta.xml': component(
    'PermissionSet',
    '<hasActivationRequired>false</hasActivationRequired><label>Bulk Loader Access</label>',
  ),
};

function write(home: string, path: string, content: string): void {
  const file = join(home, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

async function project() {
  const staged = await stage('http');
  const { org, sf, surroundings } = staged;
  const { home } = surroundings;
  write(
    home,
    'sfdx-project.json',
    JSON.stringify({
      packageDirectories: [{ path: 'force-app', default: true }],
      sourceApiVersion: '67.0',
    }),
  );
  for (const [path, content] of Object.entries(files)) {
    write(home, `force-app/main/default/${path}`, content);
  }
  const token = { SF_ACCESS_TOKEN: org.openSession(org.administrator) };
  const login = ['org', 'login', 'access-token', '--instance-url', org.url, '--no-prompt'];
  expect((await sf([...login, '--alias', 'local', '--json'], token)).code).toBe(0);
  staged.passed.clear();
  return { ...staged, home };
}

const succeeded = { code: 0, said: { status: 0 } };

const source = ['--source-dir', 'force-app'];
const [deployStart, ...others] = salesforceCli.metadataCommands;

tested('deploys over both APIs, lists, retrieves', async () => {
  const { org, sf, local, passed, surroundings, home } = await project();
  expect(await local('project', 'deploy', 'start', ...source)).toMatchObject({
    code: 0,
    said: { result: { status: 'Succeeded', numberComponentsDeployed: 6 } },
  });
  expect(org.clientApps.get('chosen.by.a.project')).toMatchObject({
    name: 'Bulk Loader',
    permittedUsers: 'adminApproved',
    scopes: ['api', 'refresh_token'],
  });
  // The same once more over REST, which the CLI speaks when it is told to.
  const rest = { SF_ORG_METADATA_REST_DEPLOY: 'true' };
  const again = ['project', 'deploy', 'start', ...source, '--target-org', 'local', '--json'];
  expect(await sf(again, rest)).toMatchObject({ code: 0, said: { result: { success: true } } });
  expect(
    org.requests.list({ path: '//services/data/*/metadata/deployRequest', status: 201 }),
  ).toHaveLength(1);

  const type = 'ExtlClntAppOauthConfigurablePolicies';
  expect(await local('org', 'list', 'metadata', '--metadata-type', type)).toMatchObject({
    said: { result: [{ fullName: 'Bulk_Loader_oauthPlcy', type }] },
  });
  expect(await local('org', 'list', 'metadata-types')).toMatchObject({
    said: { result: { metadataObjects: expect.any(Array) as unknown } },
  });

  // What is retrieved overwrites what was there, with what the org adds to it.
  expect(
    await local(
      'project',
      'retrieve',
      'start',
      '--metadata',
      'ExternalClientApplication:Bulk_Loader',
    ),
  ).toMatchObject({ code: 0, said: { result: { success: true } } });
  const header = 'force-app/main/default/externalClientApps/Bulk_Loader.eca-meta.xml';
  expect(readFileSync(join(home, header), 'utf8')).toContain('<orgScopedExternalApp>00DLOCAL');

  expect([...passed]).toEqual([deployStart, ...others.slice(0, 3)]);
  expect(surroundings.strangers()).toEqual([]);
});

tested('validates, deploys what was validated, assigns, deletes', async () => {
  const { org, local, passed, surroundings } = await project();
  const validation = await local(
    ...['project', 'deploy', 'validate', ...source, '--test-level', 'RunLocalTests'],
  );
  expect(validation).toMatchObject({ said: { result: { checkOnly: true, success: true } } });
  const { id } = (validation.said as { result: { id: string } }).result;
  expect(await local('project', 'deploy', 'quick', '--job-id', id)).toMatchObject(succeeded);
  expect(await local('project', 'deploy', 'report', '--job-id', id)).toMatchObject(succeeded);

  expect(await local('org', 'assign', 'permset', '--name', 'Bulk_Loader_Access')).toMatchObject({
    said: { result: { successes: [{ name: outsider }] } },
  });
  expect(
    await local(
      ...['project', 'delete', 'source', '--no-prompt'],
      ...['--metadata', 'ExternalClientApplication:Bulk_Loader'],
    ),
  ).toMatchObject(succeeded);
  expect(org.clientApps.find('chosen.by.a.project')).toBeUndefined();
  expect([...passed]).toEqual(others.slice(3));
  expect(surroundings.strangers()).toEqual([]);
});

tested('shows what is wrong with a component in the words of the org', async () => {
  const { local, home, surroundings } = await project();
  write(
    home,
    'force-app/main/default/permissionsets/Bad.permissionset-meta.xml',
    component(
      'PermissionSet',
      '<label>Bad</label><userPermissions><enabled>true</enabled><name>Fly</name></userPermissions>',
    ),
  );
  expect(
    await local(
      'project',
      'deploy',
      'start',
      '--source-dir',
      'force-app/main/default/permissionsets',
    ),
  ).toMatchObject({
    code: 1,
    said: {
      result: {
        status: 'Failed',
        details: { componentFailures: [{ problem: 'Unknown user permission: Fly' }] },
      },
    },
  });
  expect(surroundings.strangers()).toEqual([]);
});
