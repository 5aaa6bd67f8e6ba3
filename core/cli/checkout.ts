import { fileURLToPath } from 'node:url';

/** Root of the checkout that this command runs from. */
export const CHECKOUT = fileURLToPath(new URL('../../', import.meta.url));
