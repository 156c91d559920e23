import type { DeclaredCommand } from '../declared-command.ts';
import { writeData } from '../terminal.ts';

const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;

type Shell = (typeof shells)[number];

export function declare(command: DeclaredCommand): void {
  command
    .description(
      'Print what makes a shell complete commands, flags and the names of profiles. Nothing is installed: put the line of your shell where it reads its settings.',
    )
    .addArgument(command.createArgument('<shell>', 'which one').choices(shells))
    .example('bash: in ~/.bashrc', 'eval "$(sfjwt completion bash)"')
    .example('zsh: in ~/.zshrc, after compinit', 'eval "$(sfjwt completion zsh)"')
    .example('fish: once', 'sfjwt completion fish > ~/.config/fish/completions/sfjwt.fish')
    .example(
      'PowerShell: in $PROFILE',
      'sfjwt completion powershell | Out-String | Invoke-Expression',
    )
    .prints('a script for the shell', 'shell script')
    .action(completion);
}

async function completion(shell: Shell, { json }: { json?: boolean }): Promise<void> {
  const script = await scriptFor(shell);
  if (json === true) {
    const { writeResult } = await import('../envelope.ts');
    writeResult({ result: { shell, script } });
  } else writeData(script);
}

async function scriptFor(shell: Shell): Promise<string> {
  if (shell === 'bash') return bash;
  const { script } = await import('@bomb.sh/tab');
  return printedBy(() => script(shell, 'sfjwt', 'sfjwt'));
}

/** What a function of others prints on the console. */
function printedBy(print: () => void): string {
  const { log } = console;
  let printed = '';
  console.log = (text: string) => {
    printed += `${text}\n`;
  };
  try {
    print();
  } finally {
    console.log = log;
  }
  return printed;
}

/**
 * Ours, because that of the library runs what was typed, `$(...)` included, wants the package
 * bash-completion, and completes no names of files.
 */
const bash = `_sfjwt() {
  local line directive=0
  COMPREPLY=()
  while IFS= read -r line; do
    case "$line" in
      :*) directive="\${line#:}" ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(sfjwt complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if (( directive & 4 )); then compopt +o default 2>/dev/null; fi
}
complete -o default -F _sfjwt sfjwt
`;
