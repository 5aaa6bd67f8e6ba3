/** Every setting by the section of the settings screen that has it: the palette leads there. */
export const SETTING_NAMES = [
  { section: 'keys', title: 'Keys and presets' },
  { section: 'keys', title: 'Keymap: AstrID, DS9, Prodigy, one hand' },
  { section: 'appearance', title: 'Theme: dark, light, night red' },
  { section: 'appearance', title: 'Size of the window, 80 to 200 %' },
  { section: 'images', title: 'Limits, stretch and colours of each kind of image' },
  { section: 'images', title: 'Unlock fast blinking' },
  { section: 'memory', title: 'Memory for image tiles on the graphics card' },
  { section: 'memory', title: 'Memory for cutouts' },
  { section: 'taxonomy', title: 'Taxonomy: classes of candidates' },
  { section: 'access', title: 'Access: keys of programs' },
  { section: 'access', title: 'Access: who wrote what' },
  { section: 'data', title: 'Folders: workspace, images, models' },
  { section: 'data', title: 'Telemetry' },
  { section: 'machine', title: 'What works on this machine' },
] as const;
