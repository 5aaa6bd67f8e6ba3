import { eq } from 'drizzle-orm';
import type { SettingRepository } from '../../../pipeline/ports.ts';
import type { Connection } from '../connection.ts';
import { settings } from '../schema/index.ts';

/** Keep small facts of the workspace by name. */
export function createSettingRepository(connection: Connection): SettingRepository {
  return {
    get: (key) =>
      connection.read(
        () => connection.orm.select().from(settings).where(eq(settings.key, key)).get()?.value ?? undefined,
      ),
    set: (key, value) =>
      connection.write(() => {
        if (value === null || value === undefined) {
          connection.orm.delete(settings).where(eq(settings.key, key)).run();
          return;
        }
        const updatedAt = connection.now();
        connection.orm
          .insert(settings)
          .values({ key, value, updatedAt })
          .onConflictDoUpdate({ target: settings.key, set: { value, updatedAt } })
          .run();
      }),
  };
}
