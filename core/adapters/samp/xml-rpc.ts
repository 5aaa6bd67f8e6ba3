import { AstridError } from '../../utils/errors.ts';

/** What SAMP messages are made of: text, lists and maps. */
export type SampValue = string | readonly SampValue[] | SampMap;
export interface SampMap {
  readonly [name: string]: SampValue;
}

/** A call as it came in. */
export interface XmlRpcCall {
  readonly method: string;
  readonly params: readonly SampValue[];
}

/** Deeper than this no message of the profile nests. */
const MOST_DEPTH = 32;

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Write a call. */
export function writeCall({ method, params }: XmlRpcCall): string {
  return `<?xml version="1.0"?><methodCall><methodName>${escapeText(method)}</methodName>${writeParams(params)}</methodCall>`;
}

/** Write an answer. */
export function writeResponse(value: SampValue): string {
  return `<?xml version="1.0"?><methodResponse>${writeParams([value])}</methodResponse>`;
}

/** Write that a call could not be answered. */
export function writeFault(message: string): string {
  const members = `<member><name>faultCode</name><value><int>1</int></value></member>${writeMember('faultString', message)}`;
  return `<?xml version="1.0"?><methodResponse><fault><value><struct>${members}</struct></value></fault></methodResponse>`;
}

/** Read a call. @throws api/samp-malformed */
export function parseCall(text: string): XmlRpcCall {
  const root = parseXml(text);
  const method = root.name === 'methodCall' ? childOf(root, 'methodName')?.text.trim() : undefined;
  if (method === undefined || !/^[\w.:/-]{1,200}$/.test(method)) throw malformed('it is no call');
  return { method, params: paramsOf(root) };
}

/** Read an answer. @throws api/samp-malformed, api/samp-refused with what a fault says */
export function parseResponse(text: string): SampValue {
  const root = parseXml(text);
  if (root.name !== 'methodResponse') throw malformed('it is no answer');
  const fault = childOf(root, 'fault');
  if (fault !== undefined) {
    const told = fault.children[0] && readValue(fault.children[0]);
    const message = isMap(told) ? String(told.faultString ?? told.faultCode ?? '') : '';
    throw new AstridError('api/samp-refused', `The hub refused: ${message || 'it did not say why'}.`, {
      message,
    });
  }
  // Some hubs answer a call that gives nothing back with no value at all.
  return paramsOf(root)[0] ?? '';
}

/** Tell a map from text and lists. */
export function isMap(value: SampValue | undefined): value is SampMap {
  return typeof value === 'object' && !Array.isArray(value);
}

function writeParams(params: readonly SampValue[]): string {
  return `<params>${params.map((value) => `<param>${writeValue(value)}</param>`).join('')}</params>`;
}

function writeValue(value: SampValue): string {
  if (typeof value === 'string') return `<value><string>${escapeText(value)}</string></value>`;
  if (isMap(value)) {
    const members = Object.entries(value).map(([name, member]) => writeMember(name, member));
    return `<value><struct>${members.join('')}</struct></value>`;
  }
  return `<value><array><data>${value.map(writeValue).join('')}</data></array></value>`;
}

function writeMember(name: string, value: SampValue): string {
  return `<member><name>${escapeText(name)}</name>${writeValue(value)}</member>`;
}

/** The profile allows the characters of XML 1.0 below 128 only; others are written by their number. */
function escapeText(text: string): string {
  return Array.from(text, (letter) => {
    if (letter === '<') return '&lt;';
    if (letter === '>') return '&gt;';
    if (letter === '&') return '&amp;';
    const code = letter.codePointAt(0)!;
    if (code === 9 || code === 10 || (code >= 32 && code < 127)) return letter;
    return code < 32 ? ' ' : `&#${code};`;
  }).join('');
}

/** An element with what is in it. */
interface Element {
  readonly name: string;
  readonly children: readonly Element[];
  /** Its own text, without that of its children. */
  readonly text: string;
}

/**
 * Read the little of XML that XML-RPC is made of: elements without attributes, text, comments.
 *
 * Declarations of types and entities are refused: there is nothing in them that a message may need.
 */
function parseXml(text: string): Element {
  const tokens =
    /<\?xml[^>]*\?>|<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z][\w.]*)\s*(\/?)>|([^<]+)|([\s\S])/g;
  const open: { name: string; children: Element[]; text: string }[] = [];
  let root: Element | undefined;
  const close = (): void => {
    const element = open.pop()!;
    const parent = open.at(-1);
    if (parent !== undefined) parent.children.push(element);
    else if (root === undefined) root = element;
    else throw malformed('it has more than one root');
  };
  for (const [, cdata, slash, name, empty, words, stray] of text.matchAll(tokens)) {
    if (stray !== undefined) throw malformed('it is not the XML of a message');
    if (words !== undefined || cdata !== undefined) {
      const inside = open.at(-1);
      const piece = cdata ?? unescapeText(words!);
      if (inside !== undefined) inside.text += piece;
      else if (piece.trim() !== '') throw malformed('there is text outside of it');
    } else if (name !== undefined && slash === '/') {
      if (open.at(-1)?.name !== name) throw malformed(`</${name}> closes nothing`);
      close();
    } else if (name !== undefined) {
      if (open.length >= MOST_DEPTH) throw malformed('it is nested too deeply');
      open.push({ name, children: [], text: '' });
      if (empty === '/') close();
    }
  }
  if (root === undefined || open.length > 0) throw malformed('it ends too early');
  return root;
}

function unescapeText(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|\w{1,8}|)(;?)/g, (_, name: string, end: string) => {
    const code = name.startsWith('#x') ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    if (end === ';' && name.startsWith('#') && code > 0 && code <= 0x10ffff)
      return String.fromCodePoint(code);
    const letter = ENTITIES[name];
    if (end !== ';' || letter === undefined) throw malformed(`&${name}${end} is no letter`);
    return letter;
  });
}

function paramsOf(root: Element): readonly SampValue[] {
  return (childOf(root, 'params')?.children ?? []).map((param) => {
    const value = param.name === 'param' ? childOf(param, 'value') : undefined;
    if (value === undefined) throw malformed('a parameter has no value');
    return readValue(value);
  });
}

/** Numbers and truth values come as text: SAMP has no others, some libraries write them nevertheless. */
function readValue(value: Element): SampValue {
  const [inner, more] = value.children;
  if (value.name !== 'value' || more !== undefined) throw malformed('a value holds more than one thing');
  if (inner === undefined) return value.text;
  switch (inner.name) {
    case 'string':
      return inner.text;
    case 'int':
    case 'i4':
    case 'boolean':
    case 'double':
      return inner.text.trim();
    case 'array':
      return (childOf(inner, 'data')?.children ?? []).map(readValue);
    case 'struct':
      return Object.fromEntries(
        inner.children.map((member) => {
          const name = childOf(member, 'name')?.text;
          const held = childOf(member, 'value');
          if (member.name !== 'member' || name === undefined || held === undefined)
            throw malformed('a member of a map has no name or no value');
          return [name, readValue(held)];
        }),
      );
    default:
      throw malformed(`<${inner.name}> is no kind of value`);
  }
}

function childOf(element: Element, name: string): Element | undefined {
  return element.children.find((child) => child.name === name);
}

function malformed(why: string): AstridError {
  return new AstridError('api/samp-malformed', `A SAMP message cannot be read: ${why}.`, { why });
}
