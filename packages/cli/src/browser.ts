/** The browser of whoever sits at this machine. */

import { spawn } from 'node:child_process';

/** Opens a page, if that is possible here; the address has been told before. Never through a shell. */
export function openPage(url: string): void {
  const [program, ...words] = opener();
  const child = spawn(program, [...words, url], { stdio: 'ignore', detached: true });
  // Where there is no browser, the address is typed.
  child.on('error', () => {});
  child.unref();
}

function opener(): readonly [string, ...string[]] {
  const { BROWSER = '' } = process.env;
  if (BROWSER !== '') return [BROWSER];
  if (process.platform === 'darwin') return ['open'];
  if (process.platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler'];
  return ['xdg-open'];
}
