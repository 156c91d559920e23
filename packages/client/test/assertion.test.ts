import { createPrivateKey } from 'node:crypto';
import * as jose from 'jose';
import { expect, test } from 'vitest';
import { decodeBase64, encodeBase64Url } from '../src/base64.ts';
import * as node from '../src/node.ts';
import {
  createClaims,
  localSigner,
  milliseconds,
  parsePrivateKey,
  signAssertion,
} from '../src/node.ts';
import * as web from '../src/web.ts';
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

/** RFC 7520 sections 3.4 and 4.1: the same algorithm with another key, over text that is not ASCII. */
const rfc7520 = {
  key: {
    kty: 'RSA',
    kid: 'bilbo.baggins@hobbiton.example',
    use: 'sig',
    n: 'n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw',
    e: 'AQAB',
    d: 'bWUC9B-EFRIo8kpGfh0ZuyGPvMNKvYWNtB_ikiH9k20eT-O1q_I78eiZkpXxXQ0UTEs2LsNRS-8uJbvQ-A1irkwMSMkK1J3XTGgdrhCku9gRldY7sNA_AKZGh-Q661_42rINLRCe8W-nZ34ui_qOfkLnK9QWDDqpaIsA-bMwWWSDFu2MUBYwkHTMEzLYGqOe04noqeq1hExBTHBOBdkMXiuFhUq1BU6l-DqEiWxqg82sXt2h-LMnT3046AOYJoRioz75tSUQfGCshWTBnP5uDjd18kKhyv07lhfSJdrPdM5Plyl21hsFf4L_mHCuoFau7gdsPfHPxxjVOcOpBrQzwQ',
    p: '3Slxg_DwTXJcb6095RoXygQCAZ5RnAvZlno1yhHtnUex_fp7AZ_9nRaO7HX_-SFfGQeutao2TDjDAWU4Vupk8rw9JR0AzZ0N2fvuIAmr_WCsmGpeNqQnev1T7IyEsnh8UMt-n5CafhkikzhEsrmndH6LxOrvRJlsPp6Zv8bUq0k',
    q: 'uKE2dh-cTf6ERF4k4e_jy78GfPYUIaUyoSSJuBzp3Cubk3OCqs6grT8bR_cu0Dm1MZwWmtdqDyI95HrUeq3MP15vMMON8lHTeZu2lmKvwqW7anV5UzhM1iZ7z4yMkuUwFWoBvyY898EXvRD-hdqRxHlSqAZ192zB3pVFJ0s7pFc',
    dp: 'B8PVvXkvJrj2L-GYQ7v3y9r6Kw5g9SahXBwsWUzp19TVlgI-YV85q1NIb1rxQtD-IsXXR3-TanevuRPRt5OBOdiMGQp8pbt26gljYfKU_E9xn-RULHz0-ed9E9gXLKD4VGngpz-PfQ_q29pk5xWHoJp009Qf1HvChixRX59ehik',
    dq: 'CLDmDGduhylc9o7r84rEUVn7pzQ6PF83Y-iBZx5NT-TpnOZKF1pErAMVeKzFEl41DlHHqqBLSM0W1sOFbwTxYWZDm6sI6og5iTbwQGIC3gnJKbi_7k_vJgGHwHxgPaX2PnvP-zyEkDERuf-ry4c_Z11Cq9AqC2yeL6kdKT1cYF8',
    qi: '3PiqvXQN0zwMeE-sBvZgi289XP9XCQF3VWqPzMKnIgQp7_Tugo6-NZBKCQsMf3HaEGBjTVJs_jcK8-TRXvaKe-7ZMaQj8VfBdYkssbu0NKDDhjJ-GtiseaDVWt7dcH0cfwxgFUHpQh7FoCrjFJ6h6ZEpMF6xmujs4qMpPz8aaI4',
  },
  header: '{"alg":"RS256","kid":"bilbo.baggins@hobbiton.example"}',
  payload:
    "It\u2019s a dangerous business, Frodo, going out your door. You step onto the road, and if you don't keep your feet, there\u2019s no knowing where you might be swept off to.",
  signature:
    'MRjdkly7_-oTPTS3AXP41iQIGKa80A0ZmTuV5MEaHoxnW2e5CZ5NlKtainoFmKZopdHM1O2U4mwzJdQx996ivp83xuglII7PNDi84wnB-BDkoBwA78185hX-Es4JIwmDLJK3lfWRa-XtL0RnltuYv746iYTh_qHRD68BNt1uSNCrUCTJDt5aAE6x8wW1Kt9eRo4QPocSadnHXFxnt8Is9UzpERV0ePPQdLuW3IS_de3xyIrDaLGdjluPxUAhb6L2aXic1U12podGU0KLUQSE_oI-ZnmKJ3F4uOZDnd6QZWJushZ41Axf_fcIe8u9ipH84ogoree7vjbU5y18kDquDg',
};

test.each([
  ['node:crypto', node.parsePrivateKey],
  ['Web Crypto', web.parsePrivateKey],
])('RFC 7520 section 4.1 with %s: base64url, signing input and signature', async (_name, parse) => {
  const { key, header, payload, signature } = rfc7520;
  const signingInput = `${encodeBase64Url(header)}.${encodeBase64Url(payload)}`;
  const signed = await localSigner(await parse(key)).sign(new TextEncoder().encode(signingInput));
  expect(encodeBase64Url(signed)).toBe(signature);
  const { payload: read } = await jose.compactVerify(
    `${signingInput}.${signature}`,
    await jose.importJWK({ kty: key.kty, n: key.n, e: key.e }, 'RS256'),
  );
  expect(new TextDecoder().decode(read)).toBe(payload);
});

test('RFC 7515 appendix C: base64url', () => {
  const bytes = Uint8Array.from([3, 236, 255, 224, 193]);
  expect(encodeBase64Url(bytes)).toBe('A-z_4ME');
  expect(decodeBase64('A-z_4ME')).toEqual(bytes);
});

test.each([
  ['', ''],
  ['f', 'Zg'],
  ['fo', 'Zm8'],
  ['foo', 'Zm9v'],
  ['foob', 'Zm9vYg'],
  ['fooba', 'Zm9vYmE'],
  ['foobar', 'Zm9vYmFy'],
])('RFC 4648 section 10: %j', (text, encoded) => {
  expect(encodeBase64Url(text)).toBe(encoded);
  expect(decodeBase64(encoded)).toEqual(new TextEncoder().encode(text));
});

test('a signer that fails is reported with its cause', async () => {
  const cause = new Error('KMS is away');
  const signer = { algorithm: 'RS256' as const, sign: () => Promise.reject(cause) };
  await expect(signAssertion(createClaims(input), signer)).rejects.toMatchObject({
    code: 'SIGNER_FAILED',
    cause,
  });
});
