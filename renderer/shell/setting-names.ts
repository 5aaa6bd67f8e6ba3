/** Every setting by the section of the settings screen that has it, and what else it may be called: the palette leads there. */
export const SETTING_NAMES = [
  { section: 'keys', title: 'Keys and presets', also: 'keyboard shortcuts hotkeys remap bindings' },
  { section: 'keys', title: 'Keymap: AstrID, DS9, Prodigy, one hand', also: 'keyboard left right' },
  { section: 'appearance', title: 'Theme: dark, light, night red', also: 'colours appearance' },
  { section: 'appearance', title: 'Size of the window, 80 to 200 %', also: 'font size ui scale zoom' },
  { section: 'images', title: 'Limits, stretch and colours of each kind of image', also: 'defaults zscale' },
  { section: 'images', title: 'Unlock fast blinking', also: 'flashes epilepsy' },
  { section: 'memory', title: 'Memory for image tiles on the graphics card', also: 'gpu cache vram' },
  { section: 'memory', title: 'Memory for cutouts', also: 'cache prefetch' },
  { section: 'taxonomy', title: 'Taxonomy: classes of candidates', also: 'labels categories reasons' },
  { section: 'samp', title: 'Other programs: SAMP', also: 'topcat ds9 aladin hub' },
  { section: 'access', title: 'Access: keys of programs', also: 'api key token scopes roles rest' },
  { section: 'access', title: 'Access: who wrote what', also: 'audit log' },
  { section: 'data', title: 'Folders: workspace, images, models', also: 'disk path directory' },
  { section: 'data', title: 'Telemetry', also: 'privacy tracking' },
  { section: 'machine', title: 'What works on this machine', also: 'doctor diagnostics gpu onnx version' },
] as const;
