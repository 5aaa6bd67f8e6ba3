import { spawn } from 'node:child_process';
import { checkReach } from '../app/check-reach.ts';
import { chooseWorkspace, pathsOfCheckout } from '../app/paths.ts';
import type { SignInRules } from '../app/verify-token.ts';
import { AstridError } from '../utils/index.ts';
import { CHECKOUT } from './checkout.ts';
import type { Console } from './console.ts';
import { ensureBuilt } from './ensure-built.ts';
import { parseNumber } from './parse-number.ts';
import { untilStopped } from './until-stopped.ts';

interface ServeOptions {
  readonly port: string;
  readonly open: boolean;
  readonly api?: boolean;
  readonly listen?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly name?: readonly string[];
  readonly rate?: string;
  readonly jwtIssuer?: string;
  readonly jwtKeys?: string;
  readonly jwtAudience?: string;
  readonly jwtRoleClaim?: string;
  readonly jwtSharedSecret?: boolean;
  readonly workspace?: string;
}

/**
 * Serve the workstation, or its API alone, until stopped; prints its address as the only line on stdout: of the
 * workstation with its token.
 *
 * @throws api/bad-port, api/bad-rate, api/bad-sign-in, and as `listen` and `createApp`
 */
export async function runServe(options: ServeOptions, out: Console): Promise<void> {
  const { port, rate, tls } = readOptions(options);
  const signIns = readSignIns(options);
  // The API needs no window.
  if (options.api !== true) await ensureBuilt(out);
  const { createApp, listen, openSignIns } = await import('../app/index.ts');
  const known = signIns === undefined ? [] : [openSignIns(signIns)];
  await untilStopped(out, async (signal) => {
    const app = await createApp({
      host: 'headless',
      workspaceDir: chooseWorkspace(options.workspace),
      paths: pathsOfCheckout(CHECKOUT),
      worksQueue: true,
    });
    try {
      const server = await listen({
        fetch: app.fetch,
        port,
        authorities: [app.keys, ...known],
        isApiOnly: options.api,
        address: options.listen,
        tls,
        names: options.name,
        rates: { principal: { perSecond: rate, burst: 3 * rate } },
        onProblem: (error) =>
          out.complain(`the renewed certificate is not used: ${(error as Error).message}`),
      });
      out.print(server.url);
      if (options.api === true)
        out.say(
          server.token === undefined
            ? 'Programs come with a key: astrid keys create.'
            : `Programs come with a key (astrid keys create), or as the admin of this machine with the token ${server.token}.`,
        );
      if (options.open && options.api !== true && process.stdout.isTTY) openBrowser(server.url);
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      await server.close();
    } finally {
      await app.close();
    }
  });
}

/** @throws api/bad-port, api/bad-rate, api/bad-certificate, api/listen-needs-api, api/listen-needs-tls */
function readOptions({
  port: portText,
  rate: rateText = '100',
  listen = '127.0.0.1',
  api,
  tlsCert,
  tlsKey,
}: ServeOptions) {
  const port = parseNumber(portText);
  if (!Number.isInteger(port) || port < 0 || port > 65535)
    throw new AstridError('api/bad-port', `--port ${portText} is not a port; choose 0 to 65535.`, {
      port: portText,
    });
  const rate = parseNumber(rateText);
  if (!(rate >= 1 && rate <= 100_000))
    throw new AstridError('api/bad-rate', `--rate ${rateText} is no rate; choose 1 to 100000 a second.`);
  if ((tlsCert === undefined) !== (tlsKey === undefined))
    throw new AstridError('api/bad-certificate', 'Give --tls-cert and --tls-key together.');
  checkReach(listen, { isApiOnly: api === true, hasTls: tlsCert !== undefined });
  return { port, rate, tls: tlsCert === undefined ? undefined : { cert: tlsCert, key: tlsKey! } };
}

/** @throws api/bad-sign-in */
function readSignIns(options: ServeOptions): SignInRules | undefined {
  const { jwtIssuer, jwtKeys, jwtSharedSecret } = options;
  const bad = (message: string): AstridError => new AstridError('api/bad-sign-in', message);
  if (jwtIssuer === undefined) {
    if (jwtKeys === undefined && jwtSharedSecret !== true) return undefined;
    throw bad('Say with --jwt-issuer whose tokens are let in.');
  }
  const issuer = jwtIssuer.replace(/\/+$/, '');
  const rules = {
    issuer,
    audience: options.jwtAudience ?? 'authenticated',
    roleClaim: options.jwtRoleClaim ?? 'app_metadata.astrid_role',
  };
  if (jwtSharedSecret !== true)
    return { ...rules, keys: { kind: 'jwks', url: jwtKeys ?? `${issuer}/.well-known/jwks.json` } };
  if (jwtKeys !== undefined)
    throw bad(
      'Tokens are checked with public keys or with a shared secret: --jwt-keys or --jwt-shared-secret.',
    );
  const secret = process.env.ASTRID_JWT_SECRET;
  if (!secret) throw bad('Set ASTRID_JWT_SECRET to the secret that the tokens are signed with.');
  return { ...rules, keys: { kind: 'shared-secret', secret } };
}

function openBrowser(url: string): void {
  // Without a display xdg-open falls back to a browser in this very terminal.
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return;
  const [command, ...before] =
    process.platform === 'darwin'
      ? ['open']
      : process.platform === 'win32'
        ? ['cmd', '/c', 'start', '']
        : ['xdg-open'];
  const child = spawn(command!, [...before, url], { stdio: 'ignore', detached: true });
  // No browser is no failure: the address is printed.
  child.on('error', () => undefined);
  child.unref();
}
