import { implement } from '@orpc/server';
import { AstridError } from '../../utils/index.ts';
import { contract, SETTINGS, type SettingName, Settings } from '../contract/index.ts';
import type { Asking, Services } from '../ports.ts';

const os = implement(contract.settings).$context<Asking>();

/** What the workspace keeps a setting under; other facts lie in the same table. */
const keyOf = (name: SettingName): string => `settings.${name}`;

/** Answer what is asked of settings. */
export function answerSettings({ settings }: Services) {
  return {
    getSettings: os.getSettings.handler(async () => {
      const entries = (Object.keys(SETTINGS) as SettingName[]).map(async (name) => {
        const stored = await settings.get(keyOf(name));
        const parsed = SETTINGS[name].safeParse(stored ?? {});
        // What a newer version wrote and this one cannot read is left on disk; the defaults stand in for it.
        return [name, parsed.success ? parsed.data : SETTINGS[name].parse({})] as const;
      });
      return Settings.parse(Object.fromEntries(await Promise.all(entries)));
    }),
    getSetting: os.getSetting.handler(async ({ input: { name } }) => {
      const stored = await settings.get(keyOf(name));
      const parsed = SETTINGS[name].safeParse(stored ?? {});
      return { name, value: parsed.success ? parsed.data : SETTINGS[name].parse({}) };
    }),
    putSetting: os.putSetting.handler(async ({ input: { name, value } }) => {
      const parsed = SETTINGS[name].safeParse(value);
      if (!parsed.success) {
        const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
        throw new AstridError(
          'api/invalid-setting',
          `The setting ${name} was not saved: ${problems.join('; ')}.`,
          { name, problems },
        );
      }
      await settings.set(keyOf(name), value);
      return { name, savedAt: new Date().toISOString() };
    }),
  };
}
