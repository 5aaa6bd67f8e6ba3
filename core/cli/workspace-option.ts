/** Which workspace a command works on. */
export const WORKSPACE = [
  '--workspace <folder>',
  'where results are kept (default: $ASTRID_WORKSPACE, else a folder of your own)',
] as const;
