import { createPublicKey, randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startSignInStandIn } from '../../tests/services/sign-in-stand-in.ts';
import { openSignIns, type SignInRules } from './verify-token.ts';

const SUB = 'c0ffee00-0000-4000-8000-000000000001';
const refused = { code: 'api/unauthorized' };

async function open(rules: Partial<SignInRules> = {}) {
  const clock = { ms: Date.now() };
  const now = () => clock.ms;
  const server = await startSignInStandIn(now);
  onTestFinished(() => server.close());
  const { issuer } = server;
  const keys = { kind: 'jwks', url: server.keysUrl } as const;
  const all = { issuer, audience: 'authenticated', roleClaim: 'app_metadata.astrid_role', keys, ...rules };
  return { server, clock, rules: all, signIns: openSignIns(all, { now }) };
}

const base64 = (data: unknown): string => Buffer.from(JSON.stringify(data)).toString('base64url');
const payloadOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString());

describe('a sign-in', () => {
  test('is believed by its signature, and its role is the one the project gave, else viewer', async () => {
    const { server, signIns } = await open();
    const token = await server.sign();
    expect(signIns.isMine(token)).toBe(true);
    expect(await signIns.admit(token)).toEqual({
      kind: 'token',
      id: `token:${SUB}`,
      name: 'vera@observatory.test',
      role: 'viewer',
      curatorId: expect.stringMatching(/^01900000-0000-7[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
    });
    const roleOf = async (claims: object) => (await signIns.admit(await server.sign({ ...claims }))).role;
    expect(await roleOf({ app_metadata: { astrid_role: 'operator' } })).toBe('operator');
    for (const claims of [
      { app_metadata: { astrid_role: 'owner' } },
      { app_metadata: { astrid_role: ['admin'] } },
      { app_metadata: 'admin' },
      { astrid_role: 'admin' },
      { user_metadata: { astrid_role: 'admin' } },
      { role: 'admin' },
    ])
      expect(await roleOf(claims)).toBe('viewer');
  });

  test('by RS256 is believed as well, and by nothing else that can be published', async () => {
    const { server, signIns } = await open();
    await server.rotate('RS256');
    expect((await signIns.admit(await server.sign())).id).toBe(`token:${SUB}`);
    await server.rotate('EdDSA');
    await expect(signIns.admit(await server.sign())).rejects.toMatchObject(refused);
  });

  test('signs the same person as the same curator, and another as another', async () => {
    const { server, signIns } = await open();
    const curatorOf = async (sub: string) => (await signIns.admit(await server.sign({ sub }))).curatorId;
    expect(await curatorOf('a')).toBe(await curatorOf('a'));
    expect(await curatorOf('a')).not.toBe(await curatorOf('b'));
  });

  test('that is expired, too early, of another issuer or audience, without a subject, or anonymous is refused', async () => {
    const { server, signIns, clock } = await open();
    const now = Math.floor(clock.ms / 1000);
    for (const [claims, words] of [
      [{ exp: now - 6 }, /expired/],
      [{ nbf: now + 60 }, /“nbf”/],
      [{ iss: 'https://evil.test/auth/v1' }, /“iss”/],
      [{ aud: 'anon' }, /“aud”/],
      [{ aud: ['other', 'another'] }, /“aud”/],
      [{ sub: undefined }, /“sub”/],
      [{ exp: undefined }, /“exp”/],
      [{ is_anonymous: true }, /anonymous/],
    ] as [JWTPayload, RegExp][])
      await expect(signIns.admit(await server.sign(claims))).rejects.toMatchObject({
        ...refused,
        message: expect.stringMatching(words),
      });
    expect((await signIns.admit(await server.sign({ exp: now - 4 }))).role).toBe('viewer');
  });

  test('expires although it was remembered', async () => {
    const { server, signIns, clock } = await open();
    const token = await server.sign({ exp: Math.floor(clock.ms / 1000) + 20 });
    await signIns.admit(token);
    expect(signIns.isRemembered(token)).toBe(true);
    clock.ms += 26_000;
    expect(signIns.isRemembered(token)).toBe(false);
    await expect(signIns.admit(token)).rejects.toMatchObject({ message: expect.stringMatching(/expired/) });
  });

  test('tells whoever goes on by it when it is over', async () => {
    const { server, signIns, clock } = await open();
    const token = await server.sign({ exp: Math.floor(clock.ms / 1000) + 20 });
    await signIns.admit(token);
    clock.ms += 25_000;
    await new Promise<void>((resolve) => void signIns.whenOver(token, resolve));
  });

  test('whose words were changed, or whose signature is of another key, is refused', async () => {
    const { server, signIns } = await open();
    const token = await server.sign();
    const [head, , signature] = token.split('.');
    const forged = `${head}.${base64({ ...payloadOf(token), app_metadata: { astrid_role: 'admin' } })}.${signature}`;
    await expect(signIns.admit(forged)).rejects.toMatchObject({
      message: expect.stringMatching(/signature/),
    });
    const other = await startSignInStandIn();
    onTestFinished(() => other.close());
    const elsewhere = await other.sign({ iss: server.issuer });
    await expect(signIns.admit(elsewhere)).rejects.toMatchObject(refused);
  });
});

describe('a way of signing', () => {
  test('that is none, in any spelling, is no signature', async () => {
    const { server, signIns } = await open();
    const payload = base64(payloadOf(await server.sign()));
    for (const alg of ['none', 'None', 'NONE', '', undefined])
      for (const signature of ['', 'AA'])
        await expect(
          signIns.admit(`${base64({ alg, typ: 'JWT', kid: 'key-1' })}.${payload}.${signature}`),
        ).rejects.toMatchObject(refused);
  });

  test('is not chosen by the token: a public key is no shared secret', async () => {
    const { server, signIns } = await open();
    await server.rotate('RS256');
    const claims = payloadOf(await server.sign());
    const jwk = server.publicKey();
    const spki = createPublicKey({ key: jwk as import('node:crypto').JsonWebKey, format: 'jwk' });
    for (const secret of [
      spki.export({ type: 'spki', format: 'pem' }),
      spki.export({ type: 'spki', format: 'der' }),
      JSON.stringify(jwk),
      jwk.n!,
    ])
      await expect(
        signIns.admit(
          await new SignJWT(claims)
            .setProtectedHeader({ alg: 'HS256', kid: jwk.kid! })
            .sign(Buffer.from(secret)),
        ),
      ).rejects.toMatchObject({ message: expect.stringMatching(/way that is not accepted/) });
  });

  test('by a key that the token brings along, or points at, is not looked at', async () => {
    const { server, signIns } = await open();
    const own = await startSignInStandIn();
    onTestFinished(() => own.close());
    const claims = payloadOf(await server.sign());
    const { privateKey, publicKey } = await generateKeyPair('ES256', {
      extractable: true,
    });
    const jwk = await exportJWK(publicKey);
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', kid: 'key-1', jwk, jku: own.keysUrl })
      .sign(privateKey);
    await expect(signIns.admit(token)).rejects.toMatchObject(refused);
    expect(own.asked()).toBe(0);
  });

  test('by a shared secret is its own verifier: HS256 by the text of the secret, and nothing else', async () => {
    const secret = randomBytes(40).toString('base64');
    const { server, signIns } = await open({ keys: { kind: 'shared-secret', secret } });
    const claims = payloadOf(await server.sign());
    const sign = (alg: string, key: Uint8Array) => new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
    expect((await signIns.admit(await sign('HS256', Buffer.from(secret)))).id).toBe(`token:${SUB}`);
    await expect(signIns.admit(await sign('HS256', Buffer.from(secret, 'base64')))).rejects.toMatchObject(
      refused,
    );
    await expect(signIns.admit(await sign('HS512', Buffer.from(secret)))).rejects.toMatchObject(refused);
    await expect(signIns.admit(await server.sign())).rejects.toMatchObject(refused);
    expect(server.asked()).toBe(0);
  });
});

describe('the keys of the issuer', () => {
  test('are asked for once, and again for a key that is new, but not for every key that is made up', async () => {
    const { server, signIns, clock } = await open();
    await Promise.all(Array.from({ length: 20 }, async () => signIns.admit(await server.sign({ sub: 'a' }))));
    expect(server.asked()).toBe(1);
    await server.rotate();
    // Within the pause: a new key looks like one that is made up.
    await expect(signIns.admit(await server.sign())).rejects.toMatchObject(refused);
    expect(server.asked()).toBe(1);
    clock.ms += 31_000;
    expect((await signIns.admit(await server.sign())).role).toBe('viewer');
    expect(server.asked()).toBe(2);
    for (let n = 0; n < 50; n++) {
      clock.ms += 500;
      const made = await server.sign({ sub: String(n) }, { kid: `made-up-${n}` });
      await expect(signIns.admit(made)).rejects.toMatchObject(refused);
    }
    expect(server.asked()).toBeLessThanOrEqual(3);
  });

  test('that are taken out of use let nobody in as soon as that is known', async () => {
    const { server, signIns, clock } = await open();
    const old = await server.sign();
    await signIns.admit(old);
    await server.rotate();
    server.forget();
    clock.ms += 10 * 60_000 + 1;
    await expect(signIns.admit(old)).rejects.toMatchObject({ message: expect.stringMatching(/key is none/) });
  });

  test('go on while their server does not answer, for a day; who comes with another is told that it cannot be known', async () => {
    const { server, signIns, clock } = await open();
    await signIns.admit(await server.sign());
    for (const mode of ['fail', 'redirect', 'nonsense'] as const) {
      server.mode = mode;
      clock.ms += 11 * 60_000;
      expect((await signIns.admit(await server.sign())).role).toBe('viewer');
    }
    clock.ms += 60_000;
    const unknown = await server.sign({}, { kid: 'another' });
    await expect(signIns.admit(unknown)).rejects.toMatchObject({
      code: 'api/sign-in-unreachable',
      details: { retryAfterS: 30 },
    });
    clock.ms += 24 * 3_600_000;
    await expect(signIns.admit(await server.sign())).rejects.toMatchObject({
      code: 'api/sign-in-unreachable',
    });
    server.mode = 'answer';
    clock.ms += 31_000;
    expect((await signIns.admit(await server.sign())).role).toBe('viewer');
  });

  test('that were never had let nobody in, and say so; an empty set says what is wrong', async () => {
    const { server, signIns } = await open();
    server.mode = 'fail';
    await expect(signIns.admit(await server.sign())).rejects.toMatchObject({
      code: 'api/sign-in-unreachable',
      message: expect.stringMatching(/answers 503/),
    });
    const asked = server.asked();
    await expect(signIns.admit(await server.sign())).rejects.toMatchObject({
      code: 'api/sign-in-unreachable',
    });
    expect(server.asked()).toBe(asked);
    const second = await open();
    const token = await second.server.sign();
    await second.server.rotate();
    second.server.forget();
    await expect(second.signIns.admit(token)).rejects.toMatchObject({
      message: expect.stringMatching(/shared secret publishes none/),
    });
  });
});

describe('rules', () => {
  test('that cannot be kept are refused', async () => {
    const { rules } = await open();
    for (const change of [
      { issuer: 'supabase' },
      { audience: '' },
      { roleClaim: 'user_metadata.role' },
      { keys: { kind: 'shared-secret', secret: 'short' } },
      { keys: { kind: 'jwks', url: 'http://keys.test/jwks.json' } },
      { keys: { kind: 'jwks', url: 'nonsense' } },
    ] as const)
      expect(() => openSignIns({ ...rules, ...change })).toThrow(
        expect.objectContaining({ code: 'api/bad-sign-in' }),
      );
  });
});
