/** Let the person choose a text file; `undefined` when they think better of it. */
export function chooseTextFile(
  accept: string,
): Promise<{ readonly name: string; readonly text: string } | undefined> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = accept;
  input.hidden = true;
  // In the page, so that it lives until the person has chosen.
  document.body.append(input);
  return new Promise<{ readonly name: string; readonly text: string } | undefined>((resolve, reject) => {
    input.addEventListener('cancel', () => resolve(undefined));
    input.addEventListener('change', () => {
      const file = input.files?.[0];
      if (file === undefined) resolve(undefined);
      else file.text().then((text) => resolve({ name: file.name, text }), reject);
    });
    input.click();
  }).finally(() => input.remove());
}

/** How long what was made for saving is kept for the system to fetch, ms. */
const KEEP_MS = 60_000;

/** Save something as a file: the system asks where, or puts it among the downloads. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_MS);
}
