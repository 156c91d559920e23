// Foreign programs are run where there is no network but the loopback of their own, with a home
// folder and an environment of their own: they can reach the token endpoint beside them, and nothing
// and nobody else. The kernel sees to it (a network namespace), and ends with the benchmark whatever
// a program has left running (a process namespace).
import { spawnSync } from 'node:child_process';

/** Whether nothing but the loopback can be reached from here. */
export const alone = process.env['BENCH_NETWORK'] === 'loopback';

/**
 * Runs this same program again with the loopback alone, and ends with its exit code. Where that
 * cannot be had, says so and returns: then only programs that go nowhere by themselves are run.
 */
export function continueAlone() {
  const namespaces = [
    '--map-root-user',
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  if (spawnSync('unshare', [...namespaces, 'ip', 'link', 'show', 'lo']).status !== 0) {
    console.error('no namespaces here (unshare, ip): programs that may call home are left out');
    return;
  }
  const again = 'ip link set lo up && exec "$@"';
  const { status } = spawnSync(
    'unshare',
    [...namespaces, 'sh', '-c', again, 'sh', process.execPath, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, BENCH_NETWORK: 'loopback' } },
  );
  process.exit(status ?? 1);
}
