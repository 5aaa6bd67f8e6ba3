import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

/** A stand-in for the sign-in of Supabase: real keys and signatures over HTTP, and nothing else of it. */
export interface SignInStandIn {
  readonly issuer: string;
  readonly keysUrl: string;
  /** How often its keys were asked for. */
  readonly asked: () => number;
  /** What it does when it is asked. */
  mode: 'answer' | 'fail' | 'hang' | 'redirect' | 'nonsense';
  /** Make another key the one that signs; the older ones are published as well until `forget`. */
  rotate(algorithm?: 'ES256' | 'RS256' | 'EdDSA'): Promise<void>;
  /** Publish only the key that signs now. */
  forget(): void;
  /** The key that signs now, as it is published. */
  publicKey(): JWK;
  /** A token; what is not said is as Supabase says it. */
  sign(claims?: JWTPayload, header?: { readonly kid?: string }): Promise<string>;
  close(): Promise<void>;
}

/** Start the stand-in on a free port of this machine. */
export async function startSignInStandIn(clock: () => number = Date.now): Promise<SignInStandIn> {
  let published: JWK[] = [];
  let signing: { kid: string; alg: string; key: CryptoKey };
  let count = 0;
  let serial = 0;
  const server = createServer((_, answer) => {
    count++;
    if (standIn.mode === 'hang') return;
    if (standIn.mode === 'fail') answer.writeHead(503).end();
    else if (standIn.mode === 'redirect') answer.writeHead(302, { location: 'http://127.0.0.1:9/' }).end();
    else if (standIn.mode === 'nonsense') answer.end(`{"keys": "${'x'.repeat(100_000)}"}`);
    else answer.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/auth/v1`;
  const standIn: SignInStandIn = {
    issuer,
    keysUrl: `${issuer}/.well-known/jwks.json`,
    asked: () => count,
    mode: 'answer',
    rotate: async (alg = 'ES256') => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      const kid = `key-${++serial}`;
      published = [...published, { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }];
      signing = { kid, alg, key: privateKey };
    },
    forget: () => {
      published = published.filter(({ kid }) => kid === signing.kid);
    },
    publicKey: () => published.find(({ kid }) => kid === signing.kid)!,
    sign: (claims = {}, header = {}) => {
      const now = Math.floor(clock() / 1000);
      const payload = {
        iss: issuer,
        aud: 'authenticated',
        sub: 'c0ffee00-0000-4000-8000-000000000001',
        role: 'authenticated',
        email: 'vera@observatory.test',
        iat: now,
        exp: now + 3600,
        ...claims,
      };
      return new SignJWT(payload)
        .setProtectedHeader({ typ: 'JWT', alg: signing.alg, kid: signing.kid, ...header })
        .sign(signing.key);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  await standIn.rotate();
  return standIn;
}
