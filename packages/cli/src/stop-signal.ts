/**
 * Resolves when a person or a supervisor asks this process to end (Ctrl-C, SIGTERM); with `SIGHUP`
 * also when the terminal is closed, which then ends what `nohup` started too.
 */
export function stopSignal(...more: readonly 'SIGHUP'[]): Promise<void> {
  const signals = ['SIGINT', 'SIGTERM', ...more] as const;
  return new Promise((resolve) => {
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}
