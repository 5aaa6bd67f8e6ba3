import { createHash } from 'node:crypto';
import { type DocumentSchema, escapeHtml, writeSchema } from './write-schema.ts';

/** What of an OpenAPI document is shown. */
export interface ShownDocument {
  readonly info: { readonly title: string; readonly version: string; readonly description?: string };
  readonly servers?: readonly { readonly url: string }[];
  readonly paths?: Readonly<Record<string, unknown>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema?: DocumentSchema;
}
type Contents = Readonly<Record<string, { readonly schema?: DocumentSchema }>>;
interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Contents };
  readonly responses?: Readonly<
    Record<string, { readonly description?: string; readonly content?: Contents }>
  >;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --dim: light-dark(#555, #aaa); --accent: light-dark(#06c, #6af) }
body { font: 14px/1.5 system-ui, sans-serif; margin: 0; display: grid; grid-template-columns: 17rem minmax(0, 1fr) }
nav { border-right: 1px solid var(--line); padding: 1rem; height: 100vh; overflow: auto; position: sticky; top: 0; box-sizing: border-box; font-size: 12px }
main { padding: 1rem 2rem 6rem; max-width: 62rem }
a { color: var(--accent); text-decoration: none } a:hover { text-decoration: underline }
nav h2 { font-size: 12px; margin: 1rem 0 .2rem } nav a { display: block; white-space: nowrap; overflow: hidden; text-overflow: ellipsis }
h1 { font-size: 20px } main > h2 { border-bottom: 1px solid var(--line); margin-top: 3rem }
section { border-top: 1px solid var(--line); padding: .5rem 0 1rem } h3 { font-size: 14px; margin: .3rem 0 }
code, pre { font: 12px/1.45 ui-monospace, monospace } pre { overflow: auto; padding: .5rem; border: 1px solid var(--line); margin: .3rem 0 }
table { border-collapse: collapse; width: 100% } td { border-top: 1px solid var(--line); padding: .2rem .6rem .2rem 0; vertical-align: top }
.method { display: inline-block; min-width: 4em; font-weight: 700 } .dim { color: var(--dim) } h4 { font-size: 12px; margin: .6rem 0 .2rem; color: var(--dim) }
@media (max-width: 60rem) { body { display: block } nav { position: static; height: auto; border: 0 } }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** What a program has to know before it asks for anything. */
const INTRODUCTION = `
<h2 id="begin">How to ask</h2>
<p>Send a key as <code>Authorization: Bearer KEY</code>; bodies are JSON and say so with <code>Content-Type:
application/json</code>.</p>
<pre>curl -H "Authorization: Bearer $KEY" http://127.0.0.1:PORT/api/v1/candidates?limit=10</pre>
<table>
<tr><td>Failures<td>are <code>application/problem+json</code> (RFC 9457): <code>code</code> does not change and is what
a program looks at, <code>detail</code> is for people.
<tr><td>Lists<td>answer <code>items</code> and, where there is more, <code>nextCursor</code>: pass it back as
<code>cursor</code>. What is added meanwhile neither repeats rows nor leaves any out.
<tr><td>Reading again<td>answers bear an <code>ETag</code>; sent as <code>If-None-Match</code>, what has not changed is
answered with 304 and no body.
<tr><td>Changing<td><code>PUT</code> and <code>DELETE</code> take the <code>ETag</code> of the same address as
<code>If-Match</code>: 412 where somebody was faster. <code>If-None-Match: *</code> makes only what is not there.
<tr><td>Making<td>every <code>POST</code> takes an <code>Idempotency-Key</code> of your choice: sent again within a day,
over restarts too, it is answered as before and carried out once. The same key with another request is 422.
<tr><td>Following<td><code>/events</code> are server-sent events; reconnect with <code>Last-Event-ID</code> and nothing is
missed or repeated.
</table>`;

/** Answer with the reference of the API: one page without a script, and nothing of it from anywhere else. */
export function respondDocs(document: ShownDocument): Response {
  return new Response(renderDocs(document), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-cache',
    },
  });
}

/** Write the reference of an API as one page of HTML. */
export function renderDocs({ info, servers = [], paths = {}, components }: ShownDocument): string {
  const base = servers[0]?.url ?? '';
  const operations = Object.entries(paths).flatMap(([path, item]) => {
    const at = item as { readonly servers?: readonly { readonly url: string }[] } & Partial<
      Record<(typeof METHODS)[number], Operation>
    >;
    const prefix = (at.servers?.[0]?.url ?? base).replace(/\/$/, '');
    return METHODS.flatMap((method) => {
      const operation = at[method];
      return operation === undefined ? [] : [{ method, path: prefix + path, operation }];
    });
  });
  const tags = [...new Set(operations.map(({ operation }) => operation.tags?.[0] ?? 'other'))];
  const of = (tag: string) => operations.filter(({ operation }) => (operation.tags?.[0] ?? 'other') === tag);
  const schemas = Object.entries(components?.schemas ?? {});

  const menu = tags
    .map((tag) => {
      const links = of(tag).map(
        ({ operation }) =>
          `<a href="#${idOf(operation)}">${escapeHtml(operation.summary ?? idOf(operation))}</a>`,
      );
      return `<h2>${escapeHtml(tag)}</h2>${links.join('')}`;
    })
    .join('');
  const body = tags
    .map((tag) => `<h2>${escapeHtml(tag)}</h2>${of(tag).map(renderOperation).join('')}`)
    .join('');
  const things = schemas
    .map(
      ([name, schema]) =>
        `<section id="schema-${escapeHtml(name)}"><h3>${escapeHtml(name)}</h3><pre>${writeSchema(schema as DocumentSchema)}</pre></section>`,
    )
    .join('');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(info.title)} API</title><style>${STYLE}</style>
<nav><a href="#begin">How to ask</a><a href="openapi.json">OpenAPI document</a>${menu}<h2>things</h2>${schemas
    .map(([name]) => `<a href="#schema-${escapeHtml(name)}">${escapeHtml(name)}</a>`)
    .join('')}</nav>
<main><h1>${escapeHtml(info.title)} ${escapeHtml(info.version)}</h1><p>${writeProse(info.description ?? '')}</p>${INTRODUCTION}${body}<h2>Things</h2>${things}</main></html>
`;
}

function renderOperation({
  method,
  path,
  operation,
}: {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}): string {
  const { summary = '', description = '', parameters = [], requestBody, responses = {} } = operation;
  const rows = parameters.map(
    ({ name, in: where, required, description: said, schema = {} }) =>
      `<tr><td><code>${escapeHtml(name)}</code><td class="dim">${where}${required === true ? ', needed' : ''}<td><code>${writeSchema(schema)}</code><td>${writeProse(said ?? schema.description ?? '')}`,
  );
  const bodySchema = requestBody?.content?.['application/json']?.schema;
  const answers = Object.entries(responses)
    .filter(([status]) => status !== 'default')
    .map(([status, { description: said = '', content = {} }]) => {
      const types = Object.entries(content);
      const shown = types.map(([type, { schema }]) =>
        schema === undefined ? `<code>${escapeHtml(type)}</code> ` : `<pre>${writeSchema(schema)}</pre>`,
      );
      return `<h4>${status} ${escapeHtml(said === 'OK' ? '' : said)}</h4>${shown.join('')}`;
    });
  return `<section id="${idOf(operation)}"><h3><span class="method">${method.toUpperCase()}</span> <code>${escapeHtml(path)}</code></h3>
<p>${writeProse(summary)}${description === '' ? '' : `. ${writeProse(description)}`}</p>${
    rows.length === 0 ? '' : `<table>${rows.join('')}</table>`
  }${bodySchema === undefined ? '' : `<h4>Body</h4><pre>${writeSchema(bodySchema)}</pre>`}${answers.join('')}</section>`;
}

/** Write text in which backquotes set off what is typed. */
function writeProse(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

function idOf({ operationId = '' }: Operation): string {
  return operationId.replace(/[^\w.-]/g, '-');
}
