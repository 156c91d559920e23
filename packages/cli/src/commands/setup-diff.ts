import { addAdminFlags, openAdmin } from '../admin-flags.ts';
import type { AdminFlags } from '../admin-flags.ts';
import { wholeNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import { writeResult } from '../envelope.ts';
import { exitCodes } from '../exit-code.ts';
import { planLines } from '../setup-plan-text.ts';
import { writeWarnings } from '../settings.ts';
import { addSpecificationFlags, readSpecification } from '../specification-flags.ts';
import type { SpecificationFlags } from '../specification-flags.ts';
import { stoppable } from '../stoppable.ts';
import { printable, renderTable } from '../table.ts';
import { painterFor, writeData } from '../terminal.ts';

interface DiffFlags extends AdminFlags, SpecificationFlags {
  days: number;
  json?: boolean;
}

export function declare(command: DeclaredCommand): void {
  command
    .example(
      'In a pipeline: exit code 6 when they differ',
      'sfjwt setup diff --sf acme --spec app.yaml',
    )
    .prints('the differences, and who made them', 'differences lastChanges auditTrail');
  addSpecificationFlags(addAdminFlags(command))
    .optionsGroup('How:')
    .option('--days <number>', 'how far back the audit trail is read', wholeNumber, 30)
    .action(diff);
}

async function diff(flags: DiffFlags): Promise<void> {
  const { findDrift } = await import('@sfjwt/setup');
  const { systemClock: clock } = await import('@sfjwt/client');
  await stoppable(async (signal) => {
    const warnings: string[] = [];
    const admin = await openAdmin(flags, { warnings, signal });
    try {
      const specification = await readSpecification(flags);
      const options = { clock, signal, days: flags.days };
      const drift = await findDrift(admin.session, specification, options);
      const { plan, differences, lastChanges, auditTrail } = drift;
      warnings.push(...plan.warnings);
      if (differences.length > 0) process.exitCode = exitCodes.faultFound;
      if (flags.json === true) {
        const { kept, leftAlone } = plan;
        const result = { differences, lastChanges, auditTrail, kept, leftAlone };
        return writeResult({ result, warnings });
      }
      writeData(`${planLines(plan, painterFor(process.stdout)).join('\n')}\n`);
      for (const { what, by, at } of lastChanges) {
        writeData(`  ${printable(`${what} was changed last by ${by} at ${at}`)}\n`);
      }
      if (differences.length > 0 && auditTrail.length > 0) {
        const rows = renderTable([
          { heading: 'Time', cells: auditTrail.map(({ at }) => at) },
          { heading: 'By', cells: auditTrail.map(({ by }) => by) },
          { heading: 'Setup Audit Trail', cells: auditTrail.map(({ display }) => display) },
        ]);
        writeData(`${rows.map((row) => `  ${row}`).join('\n')}\n`);
      }
      return writeWarnings(warnings);
    } finally {
      admin.close();
    }
  });
}
