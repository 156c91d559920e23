import { readFile } from 'node:fs/promises';
import { ClientError } from '@sfjwt/client';
import type { AdminView, DiagnosedSettings, Diagnosis } from '@sfjwt/setup/diagnosis';
import type { Administrator, AdminFlags } from '../admin-flags.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { diagnosedSettings } from '../diagnosed-settings.ts';
import { drawDiagnosis } from '../diagnosis-tree.ts';
import { writeResult } from '../envelope.ts';
import { exitCodes } from '../exit-code.ts';
import { spelledAsFlags } from '../flag-spelling.ts';
import { startProgress } from '../progress.ts';
import { addSettingFlags, writeWarnings } from '../settings.ts';
import type { SettingFlags } from '../settings.ts';
import { readStandardInput } from '../standard-input.ts';
import { painterFor, writeData } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface DoctorFlags extends SettingFlags, AdminFlags {
  certificate?: string;
  assertion?: string;
  error?: string;
  probe?: boolean;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .example(
      'Why can I not sign in? Looks at each step, from the key up',
      'sfjwt doctor -r https://acme.my.salesforce.com -o worker@acme.example -i 3MVG9... -f salesforce.key',
    )
    .example(
      'Is it the certificate? With the file that was uploaded',
      'sfjwt doctor --certificate salesforce.crt',
    )
    .example(
      'And in the org? As an administrator, with the row that is broken',
      'sfjwt doctor --profile nightly --sf acme',
    )
    .example(
      'What do these words mean?',
      `sfjwt doctor --error "user hasn't approved this consumer"`,
    )
    .example(
      'The same, of a command that fails',
      'sf org login jwt ... 2>&1 | sfjwt doctor --error -',
    )
    .example(
      'What is wrong with the JWT that another program makes?',
      'sfjwt doctor --assertion assertion.txt --certificate salesforce.crt',
    )
    .prints(
      'the first broken link and its cure, then what was found',
      'isHealthy cause findings[]{ ground check state code says evidence[]{ label value } cure{ advice command } }',
    )
    .action(doctor);
  addSettingFlags(command);
  command
    .optionsGroup('What to look at:')
    .option('--certificate <file>', 'the certificate that was uploaded to the app')
    .option('--assertion <file>', 'judge a JWT of another program; - for standard input')
    .option('--error <text>', 'explain an error message; - for standard input')
    .option('--probe', 'after a refused audience, try others: each is one more refused login')
    .optionsGroup('To read the org too, as an administrator:')
    .option('--sf <alias>', 'the session of the Salesforce CLI, by alias or username')
    .option('--admin-profile <name>', 'a profile whose user is an administrator')
    .option('--admin-token-stdin', 'an access token or session id, on standard input');
}

async function doctor(flags: DoctorFlags): Promise<void> {
  const warnings: string[] = [];
  const diagnosis = await diagnosed(flags, warnings);
  if (!diagnosis.isHealthy) process.exitCode = exitCodes.faultFound;
  if (flags.json === true) {
    const status = diagnosis.isHealthy ? exitCodes.done : exitCodes.faultFound;
    writeResult({ result: diagnosis, warnings, status });
    return;
  }
  writeWarnings(warnings);
  const width = Math.min(Math.max(process.stdout.columns ?? 80, 40), 100);
  writeData(drawDiagnosis(diagnosis, { width, paint: painterFor(process.stdout) }));
}

async function diagnosed(flags: DoctorFlags, warnings: string[]): Promise<Diagnosis> {
  if (flags.error !== undefined && flags.assertion !== undefined) {
    throw new UsageError('--error and --assertion are two questions', ['Ask one at a time.']);
  }
  // Loaded when it is known that there is something to look at.
  const { diagnose, explainError } = await import('@sfjwt/setup/diagnosis');
  if (flags.error !== undefined) {
    const words = flags.error === '-' ? await readStandardInput('the error message') : flags.error;
    if (words.trim() === '') {
      throw new UsageError('There are no words to explain', ['Give the error message to --error.']);
    }
    return explainError(words);
  }
  const settings = diagnosedSettings(flags, warnings);
  const assertion = flags.assertion === undefined ? undefined : await contents(flags.assertion);
  const progress = startProgress('Looking', { silent: flags.json === true });
  const administrator = administratorOf(flags, settings.loginUrl, warnings);
  try {
    const diagnosis = await diagnose(settings, {
      certificateFile: flags.certificate,
      assertion,
      probe: flags.probe,
      admin: administrator?.open,
      onCheck: (_ground, check) => progress.tell(`Looking at ${check.replaceAll('-', ' ')}`),
    });
    const told = spelled(diagnosis);
    return assertion === undefined && isBare(settings) ? withWayOut(told) : told;
  } finally {
    progress.end();
    administrator?.close();
  }
}

interface LateAdministrator {
  open: () => Promise<AdminView>;
  close: () => void;
}

/** Undefined when no administrator is named. Opened when the org is to be read, and not before. */
function administratorOf(
  flags: DoctorFlags,
  loginUrl: string | undefined,
  warnings: string[],
): LateAdministrator | undefined {
  const { sf, adminProfile, adminTokenStdin } = flags;
  if (sf === undefined && adminProfile === undefined && adminTokenStdin !== true) return undefined;
  let opened: Administrator | undefined;
  return {
    async open() {
      // A token does not say where it belongs: to the org that is signed in to.
      const instanceUrl = adminTokenStdin === true ? loginUrl : undefined;
      const { openAdmin } = await import('../admin-flags.ts');
      const { signal } = new AbortController();
      opened = await openAdmin(
        {
          ...(sf === undefined ? {} : { sf }),
          ...(adminProfile === undefined ? {} : { adminProfile }),
          ...(adminTokenStdin === undefined ? {} : { adminTokenStdin }),
          ...(instanceUrl === undefined ? {} : { instanceUrl }),
        },
        { warnings, signal },
      );
      const by = adminProfile === undefined ? sf && { sf } : { profile: adminProfile };
      return { session: opened.session, by: by === '' ? undefined : by };
    },
    close: () => opened?.close(),
  };
}

function isBare(settings: DiagnosedSettings): boolean {
  const { loginUrl, clientId, username, privateKey, privateKeyFile } = settings;
  return [loginUrl, clientId, username, privateKey, privateKeyFile].every(
    (setting) => setting === undefined,
  );
}

/** Whoever has set nothing may have kept it under a name, or had better do so. */
function withWayOut(diagnosis: Diagnosis): Diagnosis {
  const { cause } = diagnosis;
  if (cause?.cure === undefined) return diagnosis;
  const ways = [
    'Keep all settings under a name, once: sfjwt login',
    'Or choose what is kept already: --profile NAME; sfjwt profiles lists them.',
  ];
  const otherwise = [...(cause.cure.otherwise ?? []), ...ways];
  const told = { ...cause, cure: { ...cause.cure, otherwise } };
  const findings = diagnosis.findings.map((finding) => (finding === cause ? told : finding));
  return { ...diagnosis, findings, cause: told };
}

async function contents(file: string): Promise<string> {
  if (file === '-') return readStandardInput('the JWT');
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    // The JWT itself, given where its file belongs, must not be shown.
    const isJwt = /^[\w-]+\.[\w-]+\.[\w-]*$/.test(file.trim());
    throw new ClientError(
      'SETTING_INVALID',
      isJwt ? 'A JWT was given where its file belongs' : `The file ${file} cannot be read`,
      {
        ...(isJwt ? {} : { cause }),
        hints: ['Write the JWT to a file, or pipe it in: --assertion -'],
      },
    );
  }
}

/** Advice of the libraries, in words that can be typed here. */
function spelled(diagnosis: Diagnosis): Diagnosis {
  const findings = diagnosis.findings.map((finding) =>
    finding.cure === undefined
      ? finding
      : { ...finding, cure: { ...finding.cure, advice: spelledAsFlags(finding.cure.advice) } },
  );
  return { ...diagnosis, findings, cause: findings.find(({ state }) => state === 'fault') };
}
