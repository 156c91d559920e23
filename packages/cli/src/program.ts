/** The commands and their flags. What a command needs is imported when it runs, not before. */

import { Command, InvalidArgumentError, Option } from 'commander';
import { addSettingFlags } from './settings.ts';

export function createProgram(version: string): Command {
  const program = new Command('sfjwt')
    .description('Sign in to Salesforce from a server, by the OAuth 2.0 JWT bearer flow.')
    .version(version)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(sfjwt --help shows the commands)')
    .addHelpText('before', `${examples}\n`);

  program
    .command('walkthrough')
    .description('the whole flow on a local org, from an empty folder to an API call, explained')
    .option('--keep', 'leave the org running, with its link, until Ctrl-C')
    .option('--port <number>', 'port of the local org; 0 takes any free one', port, 0)
    .addOption(jsonOption())
    .action(async (flags: WalkthroughArguments) => {
      const { walkthrough } = await import('./commands/walkthrough.ts');
      await walkthrough(flags);
    });

  addKeyCommands(program.command('key').description('private keys and certificates'));

  program
    .command('org')
    .description('run a local org: a stand-in for Salesforce, for building and testing')
    .option('--port <number>', 'port to listen on; 0 takes any free one', port, 7523)
    .option('--host <address>', 'loopback address to listen on', '127.0.0.1')
    .addOption(
      new Option('--kind <kind>', 'which login host it stands for').choices([
        'production',
        'sandbox',
      ]),
    )
    .option('--data <file>', 'keep the org in this file; in memory when left out')
    .option('--seed <file>', 'users, apps and records to begin with, JSON or YAML')
    .option('--my-domain <name>', 'name of the My Domain it stands in for, such as acme')
    .option('--admin-password <text>', 'of the administrator, for the login page')
    .option('--tls', 'serve https, with a certificate that is made at start')
    .option('--tls-ca <file>', 'write the certificate to trust to this file; means --tls')
    .addOption(jsonOption('print one line of JSON when it is ready'))
    .action(async (flags: OrgArguments) => {
      const { org } = await import('./commands/org.ts');
      await org(flags);
    });

  addSettingFlags(program.command('token').description('print an access token'))
    .addOption(jsonOption())
    .action(async (flags: SettingArguments) => {
      const { token } = await import('./commands/token.ts');
      await token(flags);
    });

  addSettingFlags(
    program
      .command('api')
      .description('send one authorized request and print the answer')
      .argument('<method>', 'GET, HEAD, POST, PATCH, PUT or DELETE', httpMethod)
      .argument('<path>', 'path on the org, such as /services/data'),
  )
    .option('-b, --body <text>', 'request body: text, @file, or - for standard input')
    .addOption(jsonOption())
    .action(async (method: string, path: string, flags: ApiArguments, command: Command) => {
      if (flags.body !== undefined && ['GET', 'HEAD'].includes(method)) {
        command.error(`error: a ${method} request has no body: leave --body out`);
      }
      const { api } = await import('./commands/api.ts');
      await api(method, path, flags);
    });

  return program;
}

function addKeyCommands(key: Command): void {
  key
    .command('new')
    .description('make a private key and a certificate to upload to Salesforce')
    .option('-d, --directory <path>', 'where to write them', '.')
    .option('-n, --name <name>', 'writes NAME.key and NAME.crt', 'salesforce')
    .addOption(
      new Option('--bits <number>', 'size of the RSA key')
        .choices(['2048', '3072', '4096'])
        .default('2048'),
    )
    .option('--days <number>', 'validity of the certificate', wholeNumber, 36500)
    .option('--subject <name>', 'subject of the certificate, such as "CN=Nightly Sync"')
    .option('--force', 'replace files that are there already')
    .addOption(jsonOption())
    .action(async (flags: KeyNewArguments) => {
      const { keyNew } = await import('./commands/key-new.ts');
      await keyNew(flags);
    });

  key
    .command('inspect')
    .description('what is in key and certificate files, and do they belong together')
    .argument('<files...>', 'private key, certificate, in any order')
    .addOption(jsonOption())
    .action(async (files: string[], flags: { json?: boolean }) => {
      const { keyInspect } = await import('./commands/key-inspect.ts');
      await keyInspect(files, flags);
    });
}

const examples = `Examples:
  sfjwt walkthrough                     see the whole flow happen, with no Salesforce at all
  sfjwt key new                         make salesforce.key and salesforce.crt
  sfjwt token -r https://acme.my.salesforce.com -o worker@acme.example -i 3MVG9... -f salesforce.key
  sfjwt api GET /services/data/v67.0/limits    (settings from the environment)
`;

interface WalkthroughArguments {
  keep?: boolean;
  port: number;
  json?: boolean;
}

interface OrgArguments {
  port: number;
  host: string;
  kind?: 'production' | 'sandbox';
  data?: string;
  seed?: string;
  myDomain?: string;
  adminPassword?: string;
  tls?: boolean;
  tlsCa?: string;
  json?: boolean;
}

interface SettingArguments {
  username?: string;
  jwtKeyFile?: string;
  clientId?: string;
  instanceUrl?: string;
  audience?: string;
  json?: boolean;
}

interface ApiArguments extends SettingArguments {
  body?: string;
}

interface KeyNewArguments {
  directory: string;
  name: string;
  bits: '2048' | '3072' | '4096';
  days: number;
  subject?: string;
  force?: boolean;
  json?: boolean;
}

function jsonOption(description = 'print one line of JSON'): Option {
  return new Option('--json', description);
}

function port(text: string): number {
  const number = wholeNumber(text);
  if (number <= 65_535) return number;
  throw new InvalidArgumentError('A port is a number from 0 to 65535.');
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Give a whole number.');
}

function httpMethod(text: string): string {
  const method = text.toUpperCase();
  if (['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'].includes(method)) return method;
  throw new InvalidArgumentError('Give GET, HEAD, POST, PATCH, PUT or DELETE.');
}
