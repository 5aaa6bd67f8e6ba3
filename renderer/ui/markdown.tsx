import type { ReactNode } from 'react';

/**
 * Shows Markdown as far as cards of models use it: headings, paragraphs, lists, tables, bold and code.
 *
 * Anything else is shown as it was written; nothing becomes HTML.
 */
export function Markdown({ text }: { readonly text: string }) {
  return <div className="markdown selectable">{splitBlocks(text).map(renderBlock)}</div>;
}

function splitBlocks(text: string): string[] {
  return text
    .replace(/^(#{1,4} .*)$/gm, '\n$1\n')
    .split(/\n\s*\n/)
    .map((block) => block.trim())
    .filter((block) => block !== '');
}

function renderBlock(block: string, index: number): ReactNode {
  const heading = /^#{1,4} (.*)$/.exec(block)?.[1];
  if (heading !== undefined) return <h3 key={index}>{inline(heading)}</h3>;
  const lines = block.split('\n');
  if (lines.length > 1 && /^\|[\s|:-]+\|$/.test(lines[1]!)) return <Table key={index} lines={lines} />;
  if (/^[-*] /.test(block)) {
    const items = block.split(/\n(?=[-*] )/).map((item) => item.slice(2).replace(/\s*\n\s*/g, ' '));
    return (
      <ul key={index}>
        {items.map((item) => (
          <li key={item}>{inline(item)}</li>
        ))}
      </ul>
    );
  }
  return <p key={index}>{inline(lines.join(' '))}</p>;
}

function Table({ lines }: { readonly lines: readonly string[] }) {
  const [head = [], , ...rows] = lines.map((line) =>
    line
      .replace(/^\||\|$/g, '')
      .split('|')
      .map((cell) => cell.trim()),
  );
  return (
    <table>
      <thead>
        <tr>
          {head.map((cell) => (
            <th key={cell} scope="col">
              {cell === '' ? <span className="unseen">Row</span> : inline(cell)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells) => (
          <tr key={cells.join('|')}>
            {cells.map((cell, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns of a table that never changes
              <td key={i} className={i > 0 && /^[-\d.,\s%±]+$/.test(cell) ? 'number' : undefined}>
                {inline(cell)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inline(text: string): ReactNode {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((part, i) => {
    // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence that never changes
    if (part.startsWith('`') && part.length > 2) return <code key={i}>{part.slice(1, -1)}</code>;
    // biome-ignore lint/suspicious/noArrayIndexKey: as above
    if (part.startsWith('**') && part.length > 4) return <strong key={i}>{part.slice(2, -2)}</strong>;
    return part;
  });
}
