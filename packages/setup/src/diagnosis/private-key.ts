import { stat } from 'node:fs/promises';
import { localSigner, parsePrivateKey, readPrivateKeyFile } from '@sfjwt/client';
import type { ClientErrorCode, PrivateKey } from '@sfjwt/client';
import type { Check, DiagnosedSettings } from './examination.ts';
import { fault, ok, troubleOf, warning } from './finding.ts';
import type { Result } from './finding.ts';
import { missing, place } from './setting.ts';
import { quoted } from './shell-word.ts';

/** Can it be read, and is it a key that Salesforce takes signatures of? */
export const privateKey: Check = {
  ground: 'key',
  name: 'private-key',
  async run(examination) {
    const { settings } = examination;
    if (settings.signer !== undefined) {
      examination.signer = settings.signer;
      return [ok('A signer of your own signs: the key is not here to be looked at')];
    }
    if (settings.privateKey === undefined && settings.privateKeyFile === undefined) {
      return [missing('privateKeyFile')];
    }
    const file = settings.privateKey === undefined ? settings.privateKeyFile : undefined;
    let key: PrivateKey;
    try {
      key = await read(settings);
    } catch (error) {
      const { code } = error as { code: string };
      const trouble = troubleOf(error, commandFor(code, file));
      if (code !== 'KEY_ENCRYPTED') return [fault(trouble)];
      const advice = 'Give the passphrase as SFJWT_PASSPHRASE, or decrypt the key.';
      return [fault({ ...trouble, cure: { advice, command: trouble.cure?.command } })];
    }
    examination.signer = localSigner(key);
    const results: Result[] = [
      ok(
        `RSA, ${key.bits} bits${file === undefined ? '' : `, ${file}`}${place(settings, 'privateKey')}`,
      ),
    ];
    if (key.mended.length > 0) {
      results.push(
        warning({
          code: 'KEY_MENDED',
          says: `The key arrived mangled; sfjwt undid it (${key.mended.join(', ')}), other programs may not`,
          cure: { advice: 'Keep it as a PEM file, or as base64 of the whole file.' },
        }),
      );
    }
    if (file !== undefined && (await isReadableByOthers(file))) {
      results.push(
        warning({
          code: 'KEY_READABLE_BY_OTHERS',
          says: 'Other users of this machine can read the key',
          cure: { advice: 'Keep it to yourself.', command: `chmod 600 ${quoted(file)}` },
        }),
      );
    }
    return results;
  },
};

async function read({
  privateKey: key,
  privateKeyFile,
  passphrase,
}: DiagnosedSettings): Promise<PrivateKey> {
  if (key === undefined) return readPrivateKeyFile(privateKeyFile ?? '', passphrase);
  if (typeof key !== 'function') return parsePrivateKey(key, passphrase);
  const found = await key();
  return parsePrivateKey(found.privateKey, found.passphrase ?? passphrase);
}

function commandFor(code: string, file: string | undefined): string | undefined {
  const commands: Partial<Record<ClientErrorCode, string | undefined>> = {
    KEY_WRONG_KIND: 'sfjwt key new',
    KEY_TOO_SHORT: 'sfjwt key new',
    KEY_ENCRYPTED: `openssl pkey -in ${quoted(file ?? 'encrypted.key')} -out salesforce.key`,
    KEY_UNREADABLE: file === undefined ? undefined : `sfjwt key inspect ${quoted(file)}`,
  };
  return commands[code as ClientErrorCode];
}

async function isReadableByOthers(file: string): Promise<boolean> {
  // Windows has no such mode bits: Node makes them up.
  if (process.platform === 'win32') return false;
  const { mode } = await stat(file);
  return (mode & 0o044) !== 0;
}
