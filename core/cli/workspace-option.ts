/** Which workspace a command works on. */
export const WORKSPACE = [
  '--workspace <folder>',
  'where results are kept (default: $ASTRID_WORKSPACE, else a folder of your own)',
] as const;

/** A workspace that is served elsewhere, asked over its API. */
export const SERVED = [
  '--url <address>',
  'ask a workspace that is served there, with the key in ASTRID_API_KEY, instead of opening one',
] as const;
