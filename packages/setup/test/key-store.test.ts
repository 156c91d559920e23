import { spawn } from 'node:child_process';
import { createHmac, createPublicKey, pbkdf2Sync, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { milliseconds } from '@sfjwt/client';
import forge from 'node-forge';
import { beforeAll, describe, expect, test } from 'vitest';
import { createCertificate, readKeyStore, readKeyStoreFile, SetupError } from '../src/index.ts';
import {
  clock,
  missingKeytool,
  missingOpenssl,
  now,
  openssl,
  opensslBytes,
  privateKey,
  privateKeyPem,
  temporaryDirectory,
} from './openssl.ts';

const directory = temporaryDirectory();
const certificate = await createCertificate({ privateKey, clock, days: 30 });
const publicKeyOf = (pem: string): string =>
  String(createPublicKey(pem).export({ type: 'spki', format: 'pem' }));

const path = (name: string): string => join(directory, name);
const write = (name: string, contents: string | Uint8Array): string => {
  writeFileSync(path(name), contents);
  return path(name);
};
const keyFile = write('a.key', privateKeyPem);
const certificateFile = write('a.crt', certificate.pem);

/** A file of `openssl pkcs12 -export`, of the pair above unless told otherwise. */
function pkcs12(
  args: readonly string[],
  { password = 'open', key = keyFile, cert = certificateFile } = {},
): Buffer {
  const pair = ['-inkey', key, '-in', cert, '-passout', `pass:${password}`];
  return opensslBytes(['pkcs12', '-export', ...pair, ...args]);
}

async function refusalOf(promise: Promise<unknown>): Promise<SetupError> {
  const error: unknown = await promise.then(
    () => 'it opened',
    (reason: unknown) => reason,
  );
  if (error instanceof SetupError) return error;
  throw new Error(`Not a refusal: ${String(error)}`, { cause: error });
}

describe.skipIf(missingOpenssl)('PKCS#12 of openssl', () => {
  const old = ['-legacy'];
  const of = (key: string, cert: string): string[] => ['-keypbe', key, '-certpbe', cert];

  test.each([
    ['as it writes today', []],
    ['legacy: RC2-40 and triple DES', old],
    ['AES-128', of('AES-128-CBC', 'AES-192-CBC')],
    ['triple DES by PBES2', of('DES-EDE3-CBC', 'DES-EDE3-CBC')],
    ['RC2-128 and two-key triple DES', [...old, ...of('PBE-SHA1-2DES', 'PBE-SHA1-RC2-128')]],
    ['another check sum', ['-macalg', 'sha512', '-iter', '100']],
    ['a check sum without iterations', ['-nomaciter', '-iter', '1']],
  ])('%s', async (_name, args) => {
    const read = await readKeyStore(pkcs12([...args, '-name', 'Nightly Sync']), {
      password: 'open',
      clock,
    });
    expect(read).toMatchObject({
      format: 'pkcs12',
      alias: 'Nightly Sync',
      privateKey: { algorithm: 'RSA', bits: 2048 },
      certificate: { subject: 'CN=sfjwt', daysLeft: 30 },
      chainPem: [],
      warnings: [],
    });
    expect(read.privateKeyPem).toBe(privateKeyPem);
    expect(read.certificatePem).toBe(certificate.pem);
  });

  test.each([[[]], [old]])('a password of any script, with %j', async (args) => {
    const password = 'pässwörd €😀';
    const file = pkcs12(args, { password });
    await expect(readKeyStore(file, { password })).resolves.toMatchObject({ privateKeyPem });
    expect(await refusalOf(readKeyStore(file, { password: 'passwörd' }))).toMatchObject({
      code: 'PASSWORD_WRONG',
    });
  });

  test.each([[[]], [old]])('an empty password needs none, with %j', async (args) => {
    const file = pkcs12(args, { password: '' });
    for (const options of [{}, { password: '' }]) {
      await expect(readKeyStore(file, options)).resolves.toMatchObject({ privateKeyPem });
    }
    const refusal = await refusalOf(readKeyStore(file, { password: 'x' }));
    expect(refusal.code).toBe('PASSWORD_WRONG');
  });

  test('a password that is missing is told from one that is wrong', async () => {
    const file = pkcs12([]);
    expect((await refusalOf(readKeyStore(file))).code).toBe('PASSWORD_MISSING');
    const wrong = await refusalOf(readKeyStore(file, { password: 'opem' }));
    expect(wrong.code).toBe('PASSWORD_WRONG');
    expect(JSON.stringify(wrong) + wrong.message).not.toContain('opem');
  });

  test('a damaged file is told from a wrong password', async () => {
    const file = pkcs12(['-iter', '1']);
    // Inside the first safe, which holds the certificate; the key still opens.
    file[100] = (file[100] ?? 0) ^ 1;
    const refusal = await refusalOf(readKeyStore(file, { password: 'open' }));
    expect(refusal.code).toBe('KEYSTORE_DAMAGED');
    expect((await refusalOf(readKeyStore(file, { password: 'no' }))).code).toBe('PASSWORD_WRONG');
  });

  test.each([
    ['locked', ['-nomac'], 'open'],
    ['in the clear', ['-nomac', ...of('NONE', 'NONE')], undefined],
  ])('no check sum, %s: it opens, and says so', async (_name, args, password) => {
    const file = pkcs12(args);
    await expect(readKeyStore(file, { password })).resolves.toMatchObject({
      privateKeyPem,
      warnings: [expect.stringContaining('no check sum')],
    });
    if (password === undefined) return;
    expect((await refusalOf(readKeyStore(file))).code).toBe('PASSWORD_MISSING');
    expect((await refusalOf(readKeyStore(file, { password: 'no' }))).code).toBe('PASSWORD_WRONG');
  });

  test('as base64, in lines and in one', async () => {
    const lines =
      pkcs12([])
        .toString('base64')
        .match(/.{1,64}/g)
        ?.join('\n') ?? '';
    for (const text of [`${lines}\n`, lines.replaceAll('\n', '')]) {
      const read = await readKeyStore(text, { password: 'open' });
      expect(read.privateKeyPem).toBe(privateKeyPem);
    }
  });

  test('the certificate of the key is told from those that vouch for it', async () => {
    const ca = write('ca.key', opensslBytes(['genrsa', '2048']));
    const root = write('ca.crt', openssl(['req', '-x509', '-key', ca, '-subj', '/CN=Root']));
    const request = openssl(['req', '-new', '-key', keyFile, '-subj', '/CN=Leaf']);
    const issue = ['x509', '-req', '-CA', root, '-CAkey', ca, '-CAcreateserial', '-days', '9'];
    const leaf = openssl(issue, request);
    // The root stands first: the order of a file proves nothing.
    const bundle = write('bundle.pem', `${readFileSync(root, 'utf8')}\n${leaf}\n`);
    const file = pkcs12([], { cert: bundle });
    const read = await readKeyStore(file, { password: 'open' });
    expect(read.certificate?.subject).toBe('CN=Leaf');
    expect(read.chainPem.map((pem) => new X509Certificate(pem).subject)).toEqual(['CN=Root']);
  });

  test.each([
    ['EC', ['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'], 'type EC'],
    ['Ed25519', ['genpkey', '-algorithm', 'ed25519'], 'type Ed25519'],
  ])('a key of type %s is refused', async (name, args, words) => {
    const key = write(`${name}.key`, opensslBytes(args));
    const cert = write(`${name}.crt`, openssl(['req', '-x509', '-key', key, '-subj', '/CN=x']));
    const refusal = await refusalOf(readKeyStore(pkcs12([], { key, cert }), { password: 'open' }));
    expect(refusal).toMatchObject({
      code: 'KEY_NOT_RSA',
      message: expect.stringContaining(words),
      hints: [expect.stringContaining('sfjwt key new')],
    });
  });

  test('a DSA key is refused', async () => {
    const parameters = write('dsa.pem', opensslBytes(['dsaparam', '1024']));
    const key = write('dsa.key', opensslBytes(['gendsa', parameters]));
    const cert = write('dsa.crt', openssl(['req', '-x509', '-key', key, '-subj', '/CN=x']));
    const refusal = await refusalOf(readKeyStore(pkcs12([], { key, cert }), { password: 'open' }));
    expect(refusal).toMatchObject({ code: 'KEY_NOT_RSA', message: /DSA/ });
  });

  test('a short key and an expired certificate are taken, and warned of', async () => {
    const key = write('short.key', opensslBytes(['genrsa', '1024']));
    const cert = write('short.crt', openssl(['req', '-x509', '-key', key, '-subj', '/CN=x']));
    const short = await readKeyStore(pkcs12([], { key, cert }), { password: 'open' });
    expect(short.warnings).toEqual([expect.stringContaining('2048 bits or more')]);
    const later = { now: () => milliseconds(now + 40 * 24 * 60 * 60 * 1000) };
    const expired = await readKeyStore(pkcs12([]), { password: 'open', clock: later });
    expect(expired.warnings).toEqual(['The certificate expired on 2026-12-23.']);
  });

  test('certificates alone, a key alone', async () => {
    const alone = await refusalOf(readKeyStore(pkcs12(['-nokeys']), { password: 'open' }));
    expect(alone).toMatchObject({ code: 'KEYSTORE_WITHOUT_KEY', message: /one certificate/ });
    const key = opensslBytes(
      ['pkcs12', '-export', '-nocerts', '-passout', 'pass:open'],
      privateKeyPem,
    );
    const read = await readKeyStore(key, { password: 'open' });
    expect(read).toMatchObject({
      privateKeyPem,
      certificatePem: undefined,
      warnings: [expect.stringContaining('no certificate')],
    });
  });

  test('an encryption that is not read here is named', async () => {
    const file = pkcs12([...old, '-keypbe', 'PBE-SHA1-RC4-128']);
    expect(await refusalOf(readKeyStore(file, { password: 'open' }))).toMatchObject({
      code: 'KEYSTORE_UNSUPPORTED',
      message: expect.stringContaining('1.2.840.113549.1.12.1.1'),
      hints: [expect.stringContaining('-legacy'), expect.any(String)],
    });
  });

  test('a file that asks for a thousand million rounds is refused at once', async () => {
    const file = pkcs12(['-iter', '3054']);
    // The number 3054 as DER, in the check sum at the end: then two thousand million.
    const at = file.lastIndexOf(Buffer.from([0x02, 0x02, 0x0b, 0xee]));
    expect(at).toBeGreaterThan(0);
    const hostile = Buffer.concat([
      file.subarray(0, at),
      Buffer.from([0x02, 0x04, 0x7f, 0xff, 0xff, 0xff]),
    ]);
    // Two bytes more, in the sequence of the check sum and in the whole.
    const mac = file.lastIndexOf(Buffer.from([0x30, 0x41, 0x30, 0x31]));
    hostile[mac + 1] = (hostile[mac + 1] ?? 0) + 2;
    hostile.writeUInt16BE(hostile.readUInt16BE(2) + 2, 2);
    expect(await refusalOf(readKeyStore(hostile, { password: 'open' }))).toMatchObject({
      code: 'KEYSTORE_UNSUPPORTED',
      message: expect.stringContaining('2147483647'),
    });
  });

  test('one that asks for more than is done here, wherever it asks', async () => {
    const file = pkcs12(['-nomac', '-iter', '1000001']);
    expect(await refusalOf(readKeyStore(file, { password: 'open' }))).toMatchObject({
      code: 'KEYSTORE_UNSUPPORTED',
      message: expect.stringContaining('1000001'),
    });
  });

  test('a check sum by PBMAC1 (RFC 9579), as openssl 3.4 and Java write it', async () => {
    const { asn1 } = forge;
    const { SEQUENCE, OID, OCTETSTRING, INTEGER, NULL } = asn1.Type;
    const part = (type: forge.asn1.Type, value: string | forge.asn1.Asn1[]): forge.asn1.Asn1 =>
      asn1.create(asn1.Class.UNIVERSAL, type, Array.isArray(value), value);
    const oid = (dotted: string): forge.asn1.Asn1 => part(OID, asn1.oidToDer(dotted).getBytes());
    const hmac = (): forge.asn1.Asn1 => part(SEQUENCE, [oid('1.2.840.113549.2.9'), part(NULL, '')]);
    const number = (value: number): forge.asn1.Asn1 =>
      part(INTEGER, asn1.integerToDer(value).getBytes());

    const store = asn1.fromDer(pkcs12(['-nomac']).toString('latin1'));
    const inside = (element: forge.asn1.Asn1 | undefined): forge.asn1.Asn1[] =>
      Array.isArray(element?.value) ? element.value : [];
    const [version, contentInfo] = inside(store);
    const [safe] = inside(inside(contentInfo)[1]);
    const salt = randomBytes(8);
    const key = pbkdf2Sync('open', salt, 2048, 32, 'sha256');
    const mac = createHmac('sha256', key)
      .update(safe?.value as string, 'latin1')
      .digest();
    const derivation = part(SEQUENCE, [
      oid('1.2.840.113549.1.5.12'),
      part(SEQUENCE, [
        part(OCTETSTRING, salt.toString('latin1')),
        number(2048),
        number(32),
        hmac(),
      ]),
    ]);
    const algorithm = part(SEQUENCE, [
      oid('1.2.840.113549.1.5.14'),
      part(SEQUENCE, [derivation, hmac()]),
    ]);
    const macData = part(SEQUENCE, [
      part(SEQUENCE, [algorithm, part(OCTETSTRING, mac.toString('latin1'))]),
      part(OCTETSTRING, ''),
    ]);
    const signed = part(
      SEQUENCE,
      [version, contentInfo, macData].flatMap((one) => one ?? []),
    );
    const file = Buffer.from(asn1.toDer(signed).getBytes(), 'latin1');
    const read = await readKeyStore(file, { password: 'open' });
    expect(read).toMatchObject({ privateKeyPem, warnings: [] });
    expect((await refusalOf(readKeyStore(file, { password: 'no' }))).code).toBe('PASSWORD_WRONG');
  });

  test('another format is named', async () => {
    for (const [contents, words] of [
      [privateKeyPem, 'a PEM file'],
      ['', 'an empty file'],
      [certificate.der, 'neither PKCS#12'],
    ] as const) {
      expect(await refusalOf(readKeyStore(contents))).toMatchObject({
        code: 'FILE_NOT_RECOGNISED',
        message: expect.stringContaining(words),
        hints: [expect.stringContaining('sfjwt key inspect')],
      });
    }
    const large = Buffer.alloc(1024 * 1024 + 1, 0x30);
    expect((await refusalOf(readKeyStore(large))).code).toBe('FILE_TOO_LARGE');
  });
});

describe.skipIf(missingKeytool || missingOpenssl)('what keytool makes', () => {
  /** With its input closed, so that it asks nobody for anything. */
  async function keytool(...words: string[]): Promise<void> {
    const args = words.flatMap((word) => word.split(' '));
    const child = spawn('keytool', args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    }
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`keytool ${args.join(' ')}: ${said}`);
  }

  beforeAll(async () => {
    write('open.p12', pkcs12(['-name', 'Imported'], { password: 'changeit' }));
    const make = '-genkeypair -keyalg RSA -keysize 2048 -storepass changeit -keypass changeit';
    const convert = '-importkeystore -noprompt -srckeystore open.p12 -srcstorepass changeit';
    await Promise.all([
      // As Salesforce exports it: one entry, one password.
      keytool(make, '-alias Salesforce -dname CN=One -storetype JKS -keystore one.jks'),
      keytool(make, '-alias Eins -dname CN=Eins -storetype PKCS12 -keystore java.p12').then(() =>
        keytool(make, '-alias zwei -dname CN=Zwei -storetype PKCS12 -keystore java.p12'),
      ),
      keytool(
        convert,
        '-destkeystore many.jks -deststoretype JKS -deststorepass geheim1',
        '-srcalias imported -destkeypass geheim2',
      ).then(() =>
        keytool(
          '-genkeypair -keyalg EC -alias ec -dname CN=EC',
          '-storepass geheim1 -keypass geheim1 -keystore many.jks',
        ),
      ),
      keytool(convert, '-destkeystore a.jceks -deststoretype JCEKS -deststorepass changeit'),
    ]);
  }, 120_000);

  test('a Java keystore of one key', async () => {
    const read = await readKeyStoreFile(path('one.jks'), { password: 'changeit' });
    expect(read).toMatchObject({
      format: 'javaKeystore',
      alias: 'salesforce',
      privateKey: { algorithm: 'RSA', bits: 2048 },
      certificate: { subject: 'CN=One', selfSigned: true },
      warnings: [],
    });
    expect(publicKeyOf(read.privateKeyPem)).toBe(publicKeyOf(read.certificatePem ?? ''));
    expect((await refusalOf(readKeyStoreFile(path('one.jks')))).code).toBe('PASSWORD_MISSING');
    const wrong = readKeyStoreFile(path('one.jks'), { password: 'Changeit' });
    expect((await refusalOf(wrong)).code).toBe('PASSWORD_WRONG');
  });

  test('a key with a password of its own, among several', async () => {
    const file = path('many.jks');
    const open = { password: 'geheim1', clock };
    expect(await refusalOf(readKeyStoreFile(file, open))).toMatchObject({
      code: 'ENTRY_AMBIGUOUS',
      message: expect.stringContaining('"imported"'),
    });
    const absent = readKeyStoreFile(file, { ...open, entry: 'no' });
    expect((await refusalOf(absent)).code).toBe('ENTRY_NOT_FOUND');
    const ec = readKeyStoreFile(file, { ...open, entry: 'ec' });
    expect((await refusalOf(ec)).code).toBe('KEY_NOT_RSA');
    const entry = 'Imported';
    expect(await refusalOf(readKeyStoreFile(file, { ...open, entry }))).toMatchObject({
      code: 'KEY_PASSWORD_WRONG',
      message: expect.stringContaining('a password of its own'),
    });
    const no = readKeyStoreFile(file, { ...open, entry, keyPassword: 'no' });
    expect((await refusalOf(no)).message).toContain('The password of the key');
    const read = await readKeyStoreFile(file, { ...open, entry, keyPassword: 'geheim2' });
    expect(read).toMatchObject({ privateKeyPem, certificatePem: certificate.pem });
  });

  test('a damaged Java keystore is told from a wrong password', async () => {
    const bytes = readFileSync(path('one.jks'));
    // In the time stamp, which only the digest of the whole covers.
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    const refusal = await refusalOf(readKeyStore(bytes, { password: 'changeit' }));
    expect(refusal).toMatchObject({ code: 'KEYSTORE_DAMAGED', message: /digest/ });
    expect((await refusalOf(readKeyStore(bytes, { password: 'no' }))).code).toBe('PASSWORD_WRONG');
    const cut = await refusalOf(readKeyStore(bytes.subarray(0, 500), { password: 'changeit' }));
    expect(cut).toMatchObject({ code: 'KEYSTORE_DAMAGED', message: /in the middle of an entry/ });
  });

  test('PKCS#12 of Java, with two keys', async () => {
    for (const [entry, subject] of [
      ['Eins', 'CN=Eins'],
      ['2', 'CN=Zwei'],
    ] as const) {
      const read = await readKeyStoreFile(path('java.p12'), { password: 'changeit', entry });
      expect(read.certificate?.subject).toBe(subject);
      expect(publicKeyOf(read.privateKeyPem)).toBe(publicKeyOf(read.certificatePem ?? ''));
    }
  });

  test('JCEKS is recognised, and sent to keytool', async () => {
    expect(
      await refusalOf(readKeyStoreFile(path('a.jceks'), { password: 'changeit' })),
    ).toMatchObject({
      code: 'KEYSTORE_UNSUPPORTED',
      message: expect.stringContaining('JCEKS'),
      hints: [
        expect.stringContaining('-srcstoretype JCEKS'),
        expect.stringContaining('key import'),
      ],
    });
    // And the way that the hint names leads on.
    await keytool(
      '-importkeystore -noprompt -srcstoretype JCEKS -srckeystore a.jceks -srcstorepass changeit',
      '-destkeystore b.p12 -deststoretype PKCS12 -deststorepass changeit',
    );
    const read = await readKeyStoreFile(path('b.p12'), { password: 'changeit' });
    expect(read.privateKeyPem).toBe(privateKeyPem);
  });

  // Hundreds of files are opened: a busy machine takes its time.
  describe('whatever happens to a file', { timeout: 120_000 }, () => {
    const samples = (): (readonly [name: string, bytes: Buffer, password: string])[] => [
      ['openssl', pkcs12(['-iter', '1']), 'open'],
      ['openssl, legacy', pkcs12(['-legacy', '-iter', '1']), 'open'],
      ['Java keystore', readFileSync(path('one.jks')), 'changeit'],
    ];

    /** Opens to the same key as before, or is refused with a code: nothing else. */
    async function outcome(bytes: Buffer, password: string): Promise<string> {
      try {
        const { privateKeyPem: pem } = await readKeyStore(bytes, { password });
        return publicKeyOf(pem);
      } catch (error) {
        if (error instanceof SetupError) return error.code;
        throw error;
      }
    }

    test('cut off anywhere, it is refused with a code', async () => {
      for (const [name, bytes, password] of samples()) {
        for (let length = 0; length < bytes.length; length += length < 32 ? 1 : 61) {
          const code = await outcome(bytes.subarray(0, length), password);
          expect(['KEYSTORE_DAMAGED', 'FILE_NOT_RECOGNISED'], `${name}, ${length}`).toContain(code);
        }
      }
    });

    test('a bit flipped anywhere is noticed, or changes nothing', async () => {
      for (const [name, bytes, password] of samples()) {
        const whole = await outcome(bytes, password);
        let refused = 0;
        for (let position = 0; position < bytes.length; position += position < 96 ? 1 : 31) {
          const changed = Buffer.from(bytes);
          changed[position] = (changed[position] ?? 0) ^ (1 << (position % 8));
          const result = await outcome(changed, password);
          expect(
            [
              whole,
              'KEYSTORE_DAMAGED',
              'PASSWORD_WRONG',
              'KEYSTORE_UNSUPPORTED',
              'FILE_NOT_RECOGNISED',
            ],
            `${name}, bit ${position % 8} of byte ${position}`,
          ).toContain(result);
          if (result !== whole) refused += 1;
        }
        expect(refused, name).toBeGreaterThan(90);
      }
    });

    test('lengths that lie take neither time nor memory', async () => {
      const before = process.memoryUsage().rss;
      const claims = [
        '30847fffffff',
        '3084ffffffff0201033080',
        '3080'.repeat(5000),
        '30820fff020103',
      ];
      for (const claim of claims) {
        const code = await outcome(Buffer.from(claim, 'hex'), 'x');
        expect(['KEYSTORE_DAMAGED', 'FILE_NOT_RECOGNISED']).toContain(code);
      }
      for (const count of ['ffffffff', '7fffffff', '00ffffff']) {
        const head = `feedfeed00000002${count}00000001`;
        for (const rest of ['', 'ffff', `0000${'00'.repeat(8)}ffffffff`, '00'.repeat(100_000)]) {
          expect(await outcome(Buffer.from(head + rest, 'hex'), 'x')).toBe('KEYSTORE_DAMAGED');
        }
      }
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024);
    });
  });
});
