import { writeFile } from 'node:fs/promises';
import type { InventoriedApp, Inventory, InventoryFinding } from '@sfjwt/setup';
import { openAdmin } from '../admin-flags.ts';
import type { Administrator, AdminFlags } from '../admin-flags.ts';
import { choice, wholeNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { exitCodes } from '../exit-code.ts';
import { startProgress } from '../progress.ts';
import { writeWarnings } from '../settings.ts';
import { stoppable } from '../stoppable.ts';
import { printable, renderRecords } from '../table.ts';
import { painterFor, writeData, writeNote } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface InventoryFlags extends Pick<AdminFlags, 'instanceUrl' | 'adminTokenStdin' | 'web'> {
  sf?: string[];
  adminProfile?: string[];
  warnDays: number;
  failOn: 'critical' | 'warning' | 'never';
  html?: string;
  json?: boolean;
}

const severities: readonly InventoryFinding['severity'][] = ['critical', 'warning', 'info'];

export function declare(command: DeclaredCommand): void {
  const several = (name: string, names: string[] = []): string[] => [...names, name];
  command
    .example(
      'Every app of two orgs: which certificates end, which keys are used twice',
      'sfjwt setup inventory --sf production --sf sandbox',
    )
    .example(
      'For a monitor: exit code 6 when a certificate ends within 60 days',
      'sfjwt setup inventory --admin-profile auditor --warn-days 60 --json',
    )
    .prints(
      'a table of apps, then what should be looked at',
      'takenAt orgs[]{ id name instanceUrl isSandbox } apps[]{ org kind name label contactEmail isEnabled certificate{ subject fingerprint256 keyFingerprint256 notAfter daysLeft bits } scopes permittedUsers lastLogin lastModifiedBy lastModifiedDate findings[]{ code severity message } }',
    )
    .optionsGroup('Which orgs, and as which administrators:')
    .option('--sf <alias>', 'a session of the Salesforce CLI; may be given several times', several)
    .option(
      '--admin-profile <name>',
      'a profile whose user is an administrator; may be given several times',
      several,
    )
    .option('-r, --instance-url <url>', 'My Domain of the org, for --web and --admin-token-stdin')
    .option('--web', 'sign in in a browser')
    .option('--admin-token-stdin', 'an access token or session id, on standard input')
    .optionsGroup('How:')
    .option('--warn-days <number>', 'warn of certificates that end sooner', wholeNumber, 30)
    .addOption(
      choice('--fail-on <severity>', 'exit with 6 when there is one as grave as this', [
        'critical',
        'warning',
        'never',
      ]).default('warning'),
    )
    .option('--html <file>', 'write one page that needs nothing else')
    .action(inventory);
}

async function inventory(flags: InventoryFlags): Promise<void> {
  const { inventoryPage, takeInventory } = await import('@sfjwt/setup');
  const { html, warnDays, json = false } = flags;
  await stoppable(async (signal) => {
    const warnings: string[] = [];
    const admins: Administrator[] = [];
    const progress = startProgress('Reading the apps', { silent: json });
    try {
      for (const way of waysOf(flags)) admins.push(await openAdmin(way, { warnings, signal }));
      const sessions = admins.map(({ session }) => session);
      const taken = await takeInventory(sessions, { warnDays, signal });
      progress.end();
      if (html !== undefined) await writePage(html, inventoryPage(taken));
      const status = isFault(taken, flags.failOn) ? exitCodes.faultFound : exitCodes.done;
      process.exitCode = status;
      if (json) return writeResult({ result: taken, warnings, status });
      writeWarnings(warnings);
      print(taken);
      if (html !== undefined) writeNote(`${html}  the same as a page`);
    } finally {
      progress.end();
      for (const admin of admins) admin.close();
    }
  });
}

function waysOf({ sf = [], adminProfile = [], ...one }: InventoryFlags): AdminFlags[] {
  const { instanceUrl, adminTokenStdin, web } = one;
  const single = {
    ...(instanceUrl === undefined ? {} : { instanceUrl }),
    ...(adminTokenStdin === undefined ? {} : { adminTokenStdin }),
    ...(web === undefined ? {} : { web }),
  };
  const ways = [
    ...sf.map((alias) => ({ sf: alias })),
    ...adminProfile.map((name) => ({ adminProfile: name })),
  ];
  // Its own refusal says what to give.
  return ways.length === 0 || adminTokenStdin === true || web === true ? [...ways, single] : ways;
}

async function writePage(file: string, page: string): Promise<void> {
  await writeFile(file, page).catch((cause: unknown) => {
    throw Object.assign(new UsageError(`The page cannot be written to ${file}`), { cause });
  });
}

function isFault({ apps }: Inventory, failOn: InventoryFlags['failOn']): boolean {
  if (failOn === 'never') return false;
  const grave = new Set(severities.slice(0, severities.indexOf(failOn) + 1));
  return apps.some(({ findings }) => findings.some(({ severity }) => grave.has(severity)));
}

const kinds = { externalClientApp: 'external client app', connectedApp: 'connected app' } as const;

function print({ orgs, apps }: Inventory): void {
  const paint = painterFor(process.stdout);
  if (apps.length === 0) writeNote('There are no apps, or none that this administrator may see.');
  else {
    const column = (heading: string, cell: (app: InventoriedApp) => string) => ({
      heading,
      cells: apps.map(cell),
    });
    const columns = [
      ...(orgs.length > 1 ? [column('ORG', ({ org }) => org.name)] : []),
      column('APP', ({ label }) => label),
      column('KIND', ({ kind }) => kinds[kind]),
      column('CERTIFICATE ENDS', ({ certificate }) =>
        certificate === undefined
          ? 'no certificate'
          : certificate.notAfter.toISOString().slice(0, 10),
      ),
      column('DAYS', ({ certificate }) => String(certificate?.daysLeft ?? '')),
      column('BITS', ({ certificate }) => String(certificate?.bits ?? '')),
      column('USERS', ({ permittedUsers }) =>
        permittedUsers === 'adminApproved' ? 'pre-authorized' : 'all',
      ),
      column('LAST LOGIN', ({ lastLogin }) => lastLogin?.slice(0, 10) ?? 'none seen'),
    ];
    writeData(`${renderRecords(columns, process.stdout.columns).join('\n')}\n`);
  }
  const told = apps.flatMap(({ org, label, findings }) =>
    findings.map((finding) => ({
      ...finding,
      where: orgs.length > 1 ? `${label} (${org.name})` : label,
    })),
  );
  if (told.length > 0) writeData('\n');
  for (const severity of severities) {
    const style = ({ critical: 'red', warning: 'cyan', info: 'dim' } as const)[severity];
    for (const { where, message } of told.filter((one) => one.severity === severity)) {
      writeData(
        `${paint(style, severity.padEnd(8))}  ${printable(where)}: ${printable(message)}\n`,
      );
    }
  }
}
