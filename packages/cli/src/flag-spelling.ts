import { settingWords } from './found-settings.ts';

/** Options of the libraries, by the flags that set them here. */
const flagOf: Readonly<Record<string, string>> = {
  loginUrl: '--instance-url',
  clientId: '--client-id',
  username: '--username',
  privateKeyFile: '--jwt-key-file',
  audience: '--audience',
  directory: '--directory',
  force: '--force',
  entry: '--entry',
  password: '--password-stdin or --password-file',
  keyPassword: '--key-password-file',
};

/** A hint of the libraries, in words that can be typed here. */
export function spelledAsFlags(hint: string): string {
  // Never on a command line, where every process can read it.
  return hint
    .replace('as privateKey, or in', 'in')
    .replaceAll(/\b(as option|or|as|use) (\w+)\b/g, (words, before: string, option: string) => {
      if (!Object.hasOwn(flagOf, option)) return words;
      return `${before.replace(' option', '')} ${flagOf[option]}`;
    });
}

/** The libraries call a setting by its option; to a person it has a name. */
export function namedPlainly(message: string): string {
  const [, option = ''] = /^(\w+) is missing: it is needed to sign in$/.exec(message) ?? [];
  const word = settingWords[option === 'privateKey' ? 'key' : option];
  return word === undefined ? message : `No ${word} is given: it is needed to sign in`;
}
