import { CommandLineError } from './errors.ts';

/**
 * Work that Ctrl-C ends in order: what it has opened, it closes before it goes. A second Ctrl-C does
 * not wait for that.
 *
 * @throws CommandLineError CANCELLED
 */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, stop);
  try {
    return await work(controller.signal);
  } catch (cause) {
    if (!controller.signal.aborted) throw cause;
    throw new CommandLineError('CANCELLED', 'Stopped before it was done', {
      hints: ['Nothing that is half-made lets anybody in: the same command finishes it.'],
    });
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}
