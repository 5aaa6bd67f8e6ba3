import { AstridError } from '../../utils/errors.ts';

const GONE = new Set(['57P01', '57P02', '57P03', '08000', '08001', '08003', '08004', '08006']);
// PgBouncer's words, and Supavisor's: both have no code of their own for it.
const FULL = /no more connections allowed|max client connections reached|MaxClientsInSessionMode/i;
const UNREACHED = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'ENETUNREACH',
  'EHOSTUNREACH',
]);
const UNTRUSTED = new Set([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
]);

/**
 * Say in the program's words what kept the shared catalogue from answering.
 *
 * Anything that is neither the network's, the server's nor the user's doing is a bug and comes back as it is.
 *
 * @param where the server as a person knows it; never with its password.
 */
export function explainPostgresError(error: unknown, where: string): unknown {
  const { code, message } = readError(error);
  const details = { where, code };
  const explain = (kind: `sync/${string}`, sentence: string): AstridError =>
    new AstridError(kind, sentence, details);
  if (code === '28P01' || code === '28000' || /client password must be/.test(message))
    return explain('sync/wrong-password', `${where} does not know this login, or the password is wrong.`);
  if (code === '3D000')
    return explain('sync/no-such-database', `${where} has no such database; check the end of the address.`);
  if (code === '3F000' || code === '42P01' || code === '42883')
    return explain(
      'sync/not-set-up',
      `${where} is a database without AstrID's catalogue; its owner has to run “astrid sync setup” once, or to begin a project in the Sync screen.`,
    );
  if (code === 'AS001' || code === '42501')
    return explain(
      'sync/not-a-member',
      `This login may not use the project on ${where}; ask an admin of the project for membership.`,
    );
  if (code === 'AS004')
    return explain('sync/admins-only', `Only an admin of the project on ${where} may do this.`);
  if (code === 'AS005')
    return explain(
      'sync/bad-login',
      'This cannot be a login; use small letters, digits and _, a letter first.',
    );
  if (code === 'AS006')
    return explain(
      'sync/foreign-login',
      `${where} has this login for another purpose; only the owner of the database can let it in. Choose another name.`,
    );
  if (code === 'AS007')
    return explain(
      'sync/last-admin',
      'A project keeps one admin at least: make somebody else an admin first.',
    );
  if (code === '23505' && /projects_name_key/.test(message))
    return explain(
      'sync/project-exists',
      `${where} has a project of this name; choose another name, or ask its admin to let you in.`,
    );
  if (code === 'AS002')
    return explain(
      'sync/program-too-old',
      `The catalogue on ${where} has moved on; update AstrID to send again. Nothing is lost: what was not sent stays here.`,
    );
  if (code !== undefined && UNTRUSTED.has(code))
    return explain(
      'sync/certificate-not-trusted',
      `The certificate of ${where} could not be verified (${code}); give the certificate of its authority (Supabase has it under database settings), rather than leaving the connection open to others.`,
    );
  if (/does not support SSL/.test(message))
    return explain(
      'sync/no-tls',
      `${where} does not offer an encrypted connection. Only a server on this machine is used without one.`,
    );
  if (code === '53300' || FULL.test(message))
    return explain(
      'sync/unreachable',
      `${where} has no connection to spare just now; work goes on here, and is sent when one is free.`,
    );
  if (
    (code !== undefined && (GONE.has(code) || UNREACHED.has(code))) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Query read timeout/.test(
      message,
    )
  )
    return explain(
      'sync/unreachable',
      `${where} does not answer${code === undefined ? '' : ` (${code})`}; work goes on here, and is sent when it is back.`,
    );
  return error;
}

/** Read code and message of an error or of what caused it: drizzle wraps what the driver throws. */
function readError(error: unknown): { readonly code: string | undefined; readonly message: string } {
  let message = '';
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    message = at.message;
    if (typeof code === 'string') return { code, message };
    // A name with several addresses fails with one error for each.
    const first = (at as { errors?: unknown[] }).errors?.[0];
    if (first instanceof Error && typeof (first as { code?: unknown }).code === 'string')
      return { code: (first as unknown as { code: string }).code, message };
  }
  return { code: undefined, message };
}
