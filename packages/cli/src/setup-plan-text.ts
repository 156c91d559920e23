/** A plan for a person: what changes, what is there and right, what stays, what is in the way. */

import type { PlannedChange, SetupPlan } from '@sfjwt/setup';
import { printable } from './table.ts';
import type { Paint } from './terminal.ts';

export function planLines(plan: SetupPlan, paint: Paint): string[] {
  const { app, organization, administrator } = plan;
  const kind = app.kind === 'connectedApp' ? 'Connected app' : 'External client app';
  const where = organization.isSandbox ? 'sandbox' : 'production';
  const line = (sign: string, words: string): string => `  ${sign} ${printable(words)}`;
  return [
    paint('bold', `${kind} ${app.name} (${app.apiName})`),
    `in ${printable(organization.name)} (${organization.id}, ${where}) as ${administrator.username}`,
    ...plan.changes.map((change) => line(paint('green', signOf(change)), wordsOf(change))),
    ...plan.kept.map((words) => line(paint('dim', '='), paint('dim', words))),
    ...plan.leftAlone.map((words) => line(paint('dim', '.'), `${words}: left alone`)),
    ...plan.obstacles.flatMap(({ message, cure }) => [
      line(paint('red', '!'), message),
      `    ${paint('cyan', 'hint:')} ${cure}`,
    ]),
    ...(plan.changes.length === 0 ? ['  Nothing to change.'] : []),
  ];
}

function signOf({ action }: PlannedChange): string {
  return action === 'change' ? '~' : '+';
}

function wordsOf({ action, what, field, from, to }: PlannedChange): string {
  if (field === undefined) return `${action} ${what}`;
  return `${what}: ${field} ${from === undefined || from === '' ? '(empty)' : from} -> ${to ?? ''}`;
}
