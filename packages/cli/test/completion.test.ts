import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folder, run } from './command.ts';

const binary = fileURLToPath(new URL('../bin/sfjwt.js', import.meta.url));

/** A home with two profiles and a private key file, and `sfjwt` on the path. */
function setting(): { cwd: string; env: Record<string, string> } {
  const cwd = folder();
  const bin = join(cwd, 'bin');
  const profiles = join(cwd, 'home', 'profiles');
  mkdirSync(bin);
  mkdirSync(profiles, { recursive: true });
  for (const name of ['nightly', 'pipeline']) writeFileSync(join(profiles, `${name}.json`), '{}');
  writeFileSync(join(cwd, 'nightly.key'), '');
  const shim = `#!/bin/sh\nexec '${process.execPath}' '${binary}' "$@"\n`;
  writeFileSync(join(bin, 'sfjwt'), shim, { mode: 0o755 });
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, HOME: cwd, LANG: 'C.UTF-8' };
  return { cwd, env: { ...env, SFJWT_HOME: join(cwd, 'home') } };
}

/** How a shell is made to complete a line without a person at it. */
const shells: Record<string, (words: readonly string[]) => string> = {
  bash: (words) => `
    eval "$(sfjwt completion bash)"
    COMP_WORDS=(sfjwt ${words.join(' ')}) COMP_CWORD=${words.length}
    _sfjwt
    printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words) => `
    compdef() { :; }
    _describe() { print -l -- "\${completions[@]%%:*}"; }
    eval "$(sfjwt completion zsh)"
    words=(sfjwt ${words.join(' ')}) CURRENT=${words.length + 1}
    _sfjwt`,
  fish: (words) => `
    sfjwt completion fish | source
    complete -C 'sfjwt ${words.join(' ').replaceAll(/^''$|(?<= )''$/g, '')}' | string replace -r '\\t.*' ''`,
};

function offered(shell: string, words: readonly string[], { cwd, env } = setting()): string[] {
  const program = shells[shell]?.(words) ?? '';
  const { stdout, stderr } = spawnSync(shell, ['-c', program], { cwd, env, encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

test.each(Object.keys(shells))(
  '%s completes commands, flags and the names of profiles',
  (shell) => {
    const found = spawnSync(shell, ['-c', 'exit 0']).error === undefined;
    if (!found && process.env['CI'] !== 'true') return;
    expect(found, `${shell} is not installed`).toBe(true);
    expect(offered(shell, ['tok'])).toEqual(['token']);
    expect(offered(shell, ['key', 'i']).toSorted()).toEqual(['import', 'inspect']);
    expect(offered(shell, ['token', '--js'])).toEqual(['--json']);
    expect(offered(shell, ['token', '--profile', 'n'])).toEqual(['nightly']);
    expect(offered(shell, ['profiles', 'show', 'p'])).toEqual(['pipeline']);
    expect(offered(shell, ['completion', 'po'])).toEqual(['powershell']);
  },
);

test('bash completes the names of files where one belongs, and runs nothing of what is typed', () => {
  const { cwd, env } = setting();
  // Only readline does the former: a terminal of its own, and a tab.
  const input = 'eval "$(sfjwt completion bash)"\nsfjwt token -f nigh\t\nexit\n';
  const words = ['-qec', 'bash --norc --noprofile -i', '/dev/null'];
  const { stdout } = spawnSync('script', words, { cwd, env, encoding: 'utf8', input });
  expect(stdout).toContain('sfjwt token -f nightly.key');
  offered('bash', ['token', "'$(touch ran)'", '--js'], { cwd, env });
  expect(readdirSync(cwd)).not.toContain('ran');
});

test('PowerShell gets a script that registers itself', async () => {
  const { stdout, code } = await run(['completion', 'powershell']);
  expect(code).toBe(0);
  expect(stdout).toContain("Register-ArgumentCompleter -CommandName 'sfjwt'");
});
