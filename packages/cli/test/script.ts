/**
 * Scripts of commands, as a person would have typed them, with what came back:
 *
 *     Prose, at the margin.
 *
 *       $ sfjwt token -o stranger@acme.example
 *       what went to standard output
 *       2> what went to standard error
 *       [3]
 *
 * A line goes to `sh`; `> ` continues it. The last line is the exit code, left out when it is 0.
 */

import { spawn } from 'node:child_process';

interface Outcome {
  stdout: string;
  stderr: string;
  code: number | string;
}

const indent = '  ';
const prompt = `${indent}$ `;
const continuation = `${indent}> `;

/** A command line of a script, or prose between two of them. */
type Part = { line: string } | { prose: string };

function partsOf(script: string): Part[] {
  const parts: Part[] = [];
  let isOutput = false;
  for (const text of script.split('\n')) {
    const last = parts.at(-1);
    if (text.startsWith(prompt)) {
      parts.push({ line: text.slice(prompt.length) });
      isOutput = true;
    } else if (text.startsWith(continuation) && last !== undefined && 'line' in last) {
      last.line += `\n${text.slice(continuation.length)}`;
    } else if (text !== '' && !text.startsWith(indent)) {
      parts.push({ prose: text });
      isOutput = false;
    } else if (!isOutput && text === '' && last !== undefined && 'prose' in last) {
      // A paragraph ends; prose right above a command is set off from it below.
      last.prose += '\n';
    }
  }
  return parts;
}

export interface ScriptSetting {
  folder: string;
  env: Record<string, string>;
  /** Puts a word in place of what is different in every run. */
  steady: (output: string) => string;
}

/** Runs every line of a script in turn. @returns the script, with what came back this time */
export async function replay(script: string, setting: ScriptSetting): Promise<string> {
  let text = '';
  for (const part of partsOf(script)) {
    if ('prose' in part) {
      text += `${text === '' || text.endsWith('\n\n') || isProse(text) ? '' : '\n'}${part.prose.trimEnd()}\n`;
      if (part.prose.endsWith('\n')) text += '\n';
      continue;
    }
    if (text !== '' && !text.endsWith('\n\n')) text += '\n';
    text += `${prompt}${part.line.replaceAll('\n', `\n${continuation}`)}\n`;
    text += rendered(await outcomeOf(part.line, setting), setting.steady);
  }
  return `${text.trimEnd()}\n`;
}

/** Whether the last line is prose: the next one belongs to the same paragraph. */
function isProse(text: string): boolean {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  return !text.endsWith('\n\n') && line !== '' && !line.startsWith(indent);
}

function rendered({ stdout, stderr, code }: Outcome, steady: (output: string) => string): string {
  const lines = (output: string, mark: string): string =>
    output === ''
      ? ''
      : `${steady(output)
          .replace(/\n$/, '')
          .split('\n')
          .map((line) => (indent + mark + line).trimEnd())
          .join('\n')}\n`;
  return lines(stdout, '') + lines(stderr, '2> ') + (code === 0 ? '' : `${indent}[${code}]\n`);
}

function outcomeOf(line: string, { folder, env }: ScriptSetting): Promise<Outcome> {
  const child = spawn('sh', ['-c', line], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const outcome: Outcome = { stdout: '', stderr: '', code: 0 };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => (outcome[name] += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ ...outcome, code: code ?? String(signal) }));
  });
}
