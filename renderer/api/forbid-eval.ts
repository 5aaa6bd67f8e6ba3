import { config } from 'zod';

// The window's policy forbids code made of strings, which is how zod would speed its schemas up. It asks
// when a schema is made, so this has to be imported before the contract.
config({ jitless: true });
