import { addAdminFlags, openAdmin } from '../admin-flags.ts';
import type { AdminFlags } from '../admin-flags.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { ownProfiles, writeWarnings } from '../settings.ts';
import { addSpecificationFlags, readSpecification } from '../specification-flags.ts';
import type { SpecificationFlags } from '../specification-flags.ts';
import { stoppable } from '../stoppable.ts';
import { printable } from '../table.ts';
import { canAsk, writeNote } from '../terminal.ts';
import { UsageError } from '../usage-error.ts';

interface RemoveFlags extends AdminFlags, SpecificationFlags {
  alias?: string;
  yes?: boolean;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .example(
      'The app, its permission set and its profile',
      'sfjwt setup remove --sf acme --spec app.yaml --alias nightly',
    )
    .prints('nothing', 'removals leftAlone profile');
  addSpecificationFlags(addAdminFlags(command))
    .optionsGroup('How:')
    .option('-a, --alias <name>', 'remove this profile as well')
    .option('--yes', 'ask nothing')
    .action(remove);
}

async function remove(flags: RemoveFlags): Promise<void> {
  const { planRemoval, removeApp } = await import('@sfjwt/setup');
  const { systemClock: clock } = await import('@sfjwt/client');
  await stoppable(async (signal) => {
    const warnings: string[] = [];
    const admin = await openAdmin(flags, { warnings, signal });
    try {
      const specification = await readSpecification(flags);
      const plan = await planRemoval(admin.session, specification, { clock, signal });
      const json = flags.json === true;
      if (!json) {
        for (const words of plan.removals) writeNote(`  - ${printable(words)}`);
        for (const words of plan.leftAlone) writeNote(`  . ${printable(words)}: left alone`);
        if (plan.removals.length === 0) writeNote(`The org has nothing of ${plan.apiName}.`);
      }
      if (plan.removals.length > 0) {
        await confirm(flags);
        await removeApp(admin.session, plan, { clock, signal });
      }
      const profiles = ownProfiles();
      const { alias } = flags;
      const isKept = alias !== undefined && profiles.has(alias);
      if (isKept) await profiles.remove(alias);
      if (json) {
        const { removals, leftAlone } = plan;
        writeResult({ result: { removals, leftAlone, profile: isKept ? alias : null }, warnings });
      } else writeWarnings(warnings);
    } finally {
      admin.close();
    }
  });
}

async function confirm({ yes, json }: RemoveFlags): Promise<void> {
  if (yes === true) return;
  if (json === true || !canAsk()) {
    throw new UsageError('Nobody can be asked whether it may be removed', ['Give --yes.']);
  }
  const { confirmed } = await import('../questions.ts');
  await confirmed('Remove it? Whoever signs in through it is refused from then on.');
}
