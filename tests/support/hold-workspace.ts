/** Hold a workspace until killed: `node hold-workspace.ts FOLDER MIGRATIONS`; prints `held` once it does. */
import { openDatabase } from '../../core/adapters/db/index.ts';

const [folder, migrationsFolder] = process.argv.slice(2);
await openDatabase({ folder: folder!, migrationsFolder: migrationsFolder!, log: { warn: () => undefined } });
console.log('held');
setInterval(() => undefined, 1000);
