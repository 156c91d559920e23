import { createPrivateKey } from 'node:crypto';
import * as jose from 'jose';
import { expect, test } from 'vitest';
import {
  createClaims,
  localSigner,
  milliseconds,
  parsePrivateKey,
  signAssertion,
} from '../src/node.ts';
import { privateKey, publicKey } from './key-pair.ts';

const clock = { now: () => milliseconds(1_800_000_000_999) };
const input = {
  clientId: '3MVG9.key',
  username: 'worker@example.org',
  audience: 'https://login.salesforce.com',
  clock,
};

test('exp is in seconds and three minutes ahead', () => {
  const claims = createClaims(input);
  expect(claims).toMatchObject({
    iss: '3MVG9.key',
    sub: 'worker@example.org',
    aud: 'https://login.salesforce.com',
    iat: 1_800_000_000,
    exp: 1_800_000_180,
  });
});

test('every assertion has a jti of its own', () => {
  const ids = Array.from({ length: 1000 }, () => createClaims(input).jti);
  expect(new Set(ids).size).toBe(1000);
});

test.each([0, -1, 181, Number.NaN, 300_000])(
  'a life of %s seconds is refused',
  (lifetimeSeconds) => {
    expect(() => createClaims({ ...input, lifetimeSeconds })).toThrowError(
      expect.objectContaining({ code: 'SETTING_INVALID' }),
    );
  },
);

test('an independent JOSE library verifies the assertion', async () => {
  const claims = createClaims(input);
  const assertion = await signAssertion(claims, localSigner(await parsePrivateKey(privateKey)));
  const { payload, protectedHeader } = await jose.jwtVerify(assertion, publicKey, {
    algorithms: ['RS256'],
    issuer: input.clientId,
    subject: input.username,
    audience: input.audience,
    currentDate: new Date(clock.now()),
    maxTokenAge: 180,
  });
  expect(payload).toEqual({ ...claims });
  expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT' });
});

/** RFC 7515 appendix A.2.1: the key, the signing input and the one signature RS256 allows. */
const rfc7515 = {
  key: {
    kty: 'RSA',
    n: 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ',
    e: 'AQAB',
    d: 'Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ',
    p: '4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc',
    q: 'uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc',
    dp: 'BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0',
    dq: 'h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU',
    qi: 'IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuMQR-TJ1GQCc9bfYxy5xvgYsbyLMt8rVcpd5R0Ig',
  },
  signingInput:
    'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
  signature:
    'cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw',
};

test('RFC 7515 appendix A.2: the signer makes its very signature', async () => {
  const signer = localSigner(
    await parsePrivateKey(createPrivateKey({ key: rfc7515.key, format: 'jwk' })),
  );
  const signature = await signer.sign(Buffer.from(rfc7515.signingInput));
  expect(Buffer.from(signature).toString('base64url')).toBe(rfc7515.signature);
});

test('a signer that fails is reported with its cause', async () => {
  const cause = new Error('KMS is away');
  const signer = { algorithm: 'RS256' as const, sign: () => Promise.reject(cause) };
  await expect(signAssertion(createClaims(input), signer)).rejects.toMatchObject({
    code: 'SIGNER_FAILED',
    cause,
  });
});
