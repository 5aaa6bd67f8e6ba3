import { AstridError } from '../utils/index.ts';

/** Whether an address means this machine, and no other reaches it. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address);
}

/**
 * Refuse to be reached by other machines with the window, or without TLS.
 *
 * @throws api/listen-needs-api, api/listen-needs-tls
 */
export function checkReach(
  address: string,
  { isApiOnly, hasTls }: { readonly isApiOnly: boolean; readonly hasTls: boolean },
): void {
  if (isLoopback(address)) return;
  if (!isApiOnly)
    throw new AstridError(
      'api/listen-needs-api',
      `The window is served on this machine only, and ${address} is reached from others; add --api to serve the API alone there, or reach the window by ssh -L.`,
      { address },
    );
  if (!hasTls)
    throw new AstridError(
      'api/listen-needs-tls',
      `${address} is reached from other machines, and keys would go over the line as they are; give a certificate with --tls-cert and --tls-key.`,
      { address },
    );
}
