import { portNumber } from '../declared-command.ts';
import type { DeclaredCommand } from '../declared-command.ts';
import type { WalkthroughFlags } from '../walkthrough.ts';

export function declare(command: DeclaredCommand): void {
  command
    .description(
      'The whole flow on a local org, explained: key, certificate, app, who may use it, the exchange, an API call.',
    )
    .example('Read it; nothing is left behind', 'sfjwt walkthrough')
    .example('And look around in the org afterwards', 'sfjwt walkthrough --keep')
    .prints('the story', 'orgId url consumerKey exchanges records sessions loginHistory')
    .option('--keep', 'leave the org running, with its link, until Ctrl-C')
    .option('--port <number>', 'port of the local org; 0 takes any free one', portNumber, 0)
    .action(async (flags: WalkthroughFlags) => {
      const { walkthrough } = await import('../walkthrough.ts');
      await walkthrough(flags);
    });
}
