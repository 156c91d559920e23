import { ClientError } from '@sfjwt/client';
import type { Check } from './examination.ts';
import { fault, ok, warning } from './finding.ts';
import type { Trouble } from './finding.ts';
import { hostAnswer } from './host-answer.ts';

/** The `Date` of an answer has whole seconds, and the answer took its time. */
const noticeableSeconds = 30;

/** Behind by more than an assertion lives, and Salesforce sees it expired. */
const fatalSeconds = 180;

/** Does this machine know what time it is? */
export const hostClock: Check = {
  ground: 'network',
  name: 'clock',
  async run(examination) {
    const answer = await hostAnswer(examination);
    if (answer === undefined || answer instanceof ClientError) return [];
    const date = Date.parse(answer.headers['date'] ?? '');
    if (Number.isNaN(date)) return [ok('The host does not tell its time')];
    const ahead = Math.round((date - examination.clock.now()) / 1000);
    examination.hostAhead = Math.abs(ahead) < noticeableSeconds ? 0 : ahead * 1000;
    if (examination.hostAhead === 0) return [ok('The clock agrees with that of the host')];
    const trouble: Trouble = {
      code: 'CLOCK_WRONG',
      says: `The clock of this machine is ${inWords(Math.abs(ahead))} ${ahead > 0 ? 'behind' : 'ahead of'} that of the host`,
      evidence: [
        { label: 'this machine', value: new Date(examination.clock.now()).toISOString() },
        { label: 'the host', value: new Date(date).toISOString() },
      ],
      cure: { advice: 'Set it by NTP.', command: 'sudo timedatectl set-ntp true' },
      explains: ['ASSERTION_EXPIRED', 'ASSERTION_INVALID'],
      // The exchange of this diagnosis goes by the clock of the host.
      stands: true,
    };
    return [ahead > fatalSeconds ? fault(trouble) : warning(trouble)];
  },
};

export function inWords(seconds: number): string {
  const units = [
    [86_400, 'day'],
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ] as const;
  const [size, name] = units.find(([length]) => seconds >= length) ?? [1, 'second'];
  const count = Math.round(seconds / size);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
