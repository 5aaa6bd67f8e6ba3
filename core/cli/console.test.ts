import { afterEach, describe, expect, test, vi } from 'vitest';
import { count, createConsole, formatTable } from './console.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Catch what a console writes, as a terminal or as a file. */
function listen(isTerminal: boolean) {
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    });
  const before = Object.getOwnPropertyDescriptor(process.stderr, 'isTTY');
  Object.defineProperty(process.stderr, 'isTTY', { value: isTerminal, configurable: true });
  const make = (quiet: boolean) => {
    const console = createConsole({ quiet });
    if (before) Object.defineProperty(process.stderr, 'isTTY', before);
    else Reflect.deleteProperty(process.stderr, 'isTTY');
    return console;
  };
  return { written, make };
}

describe('the console', () => {
  test('keeps stdout for results, and ends them with one line feed', () => {
    const { written, make } = listen(false);
    const out = make(false);
    out.print('result');
    out.print('lines\n');
    out.say('a word');
    out.complain('a problem');
    expect(written).toEqual({ stdout: 'result\nlines\n', stderr: 'a word\na problem\n' });
  });

  test('is silent but for results and problems when told to be quiet', () => {
    const { written, make } = listen(true);
    const out = make(true);
    out.status('working');
    out.say('a word');
    out.print('result');
    out.complain('a problem');
    expect(written).toEqual({ stdout: 'result\n', stderr: 'a problem\n' });
  });

  test('replaces the status line on a terminal, and takes it away before anything else', () => {
    const { written, make } = listen(true);
    const out = make(false);
    out.status('one');
    out.status('two');
    out.say('done');
    expect(written.stderr).toBe('one\r\u001b[Ktwo\r\u001b[Kdone\n');
  });

  test('keeps the status line off files and pipes', () => {
    const { written, make } = listen(false);
    make(false).status('working');
    expect(written.stderr).toBe('');
  });
});

describe('formatTable', () => {
  test('puts numbers to the right and words to the left, without blanks at the ends of lines', () => {
    const table = formatTable(
      ['name', 'S/N', 'flux'],
      [
        ['M 31', '5.5', '-120'],
        ['a', '12.25', '7 ± 1'],
      ],
    );
    expect(table.split('\n')).toEqual([
      'name    S/N   flux',
      '----  -----  -----',
      'M 31    5.5   -120',
      'a     12.25  7 ± 1',
    ]);
  });

  test('lays out a head without rows, and rows that lack cells', () => {
    expect(formatTable(['a', 'bc'], [])).toBe('a  bc\n-  --');
    expect(formatTable(['a', 'bc'], [['x']])).toBe('a  bc\n-  --\nx');
  });
});

test('count speaks of one and of many', () => {
  expect([0, 1, 2].map((many) => count(many, 'HDU'))).toEqual(['0 HDUs', '1 HDU', '2 HDUs']);
});
