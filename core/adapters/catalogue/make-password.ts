import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

/** A password, and what PostgreSQL keeps of it. */
export interface MadePassword {
  readonly password: string;
  readonly verifier: string;
}

/** What PostgreSQL uses itself; the password is random and needs no more. */
const ROUNDS = 4096;

/**
 * Make the password of a new login, and what a server keeps to know it by.
 *
 * A server that is told the verifier never sees the password: it is in no statement and in no log.
 *
 * @see RFC 5802, section 3, and RFC 7677; the form of the text is PostgreSQL's (`pg_authid.rolpassword`).
 */
export function makePassword(): MadePassword {
  const password = randomBytes(24).toString('base64url');
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256');
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64');
  const serverKey = keyed('Server Key').toString('base64');
  return {
    password,
    verifier: `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${storedKey}:${serverKey}`,
  };
}
