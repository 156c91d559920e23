// The private key never enters this process: another one, which may read it, signs. Here that is
// openssl with a key file; with a KMS or an HSM, `sign` is a call of its client library.
import { spawn } from 'node:child_process';
import { connect } from '@sfjwt/client';
import type { Signer } from '@sfjwt/client';

const signer: Signer = {
  algorithm: 'RS256',
  sign: (data) => run('openssl', ['dgst', '-sha256', '-sign', process.env['KEY_FILE'] ?? ''], data),
};

const salesforce = connect({ signer });
console.log((await salesforce.userinfo()).preferred_username);

/** Standard input to standard output of a process, as bytes. */
function run(command: string, words: readonly string[], input: Uint8Array): Promise<Uint8Array> {
  const child = spawn(command, words, { timeout: 5000 });
  const output: Buffer[] = [];
  const complaint: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => complaint.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    // A process that ends before it has read everything says why on standard error.
    child.stdin.on('error', () => {});
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else
        reject(new Error(`${command} ended with ${code}: ${Buffer.concat(complaint).toString()}`));
    });
    child.stdin.end(input);
  });
}
