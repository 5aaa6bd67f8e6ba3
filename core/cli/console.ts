/** Where a command writes: results on stdout, everything else on stderr. */
export interface Console {
  /** A result: the only thing that ever goes to stdout. */
  print(text: string): void;
  /** A sentence for the person who waits; silent with `--quiet`. */
  say(text: string): void;
  /** A line that replaces the one before it on a terminal; kept off logs and pipes. */
  status(text: string): void;
  /** A problem: also shown with `--quiet`. */
  complain(text: string): void;
}

/** Make the console of a command. */
export function createConsole(options: { readonly quiet: boolean }): Console {
  const isTerminal = process.stderr.isTTY === true;
  let open = false;
  const clear = (): void => {
    if (open) process.stderr.write('\r\u001b[K');
    open = false;
  };
  return {
    print: (text) => {
      clear();
      process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
    },
    say: (text) => {
      if (options.quiet) return;
      clear();
      process.stderr.write(`${text}\n`);
    },
    status: (text) => {
      if (options.quiet || !isTerminal) return;
      clear();
      process.stderr.write(text.slice(0, (process.stderr.columns ?? 80) - 1));
      open = true;
    },
    complain: (text) => {
      clear();
      process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
    },
  };
}

/** Write a number of things: `1 HDU`, `2 HDUs`. */
export function count(many: number, thing: string): string {
  return `${many} ${thing}${many === 1 ? '' : 's'}`;
}

/** Lay rows out in columns: numbers to the right, words to the left. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const isNumber = head.map((_, column) => rows.every((row) => /^[-+±.\d\s%e]*$/.test(row[column] ?? '')));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!),
      )
      .join('  ')
      .trimEnd();
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
