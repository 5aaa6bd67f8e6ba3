import { describe, expect, it } from 'vitest';
import { parseCall, parseResponse, writeCall, writeResponse } from './xml-rpc.ts';

const call = (params: string): string =>
  `<?xml version='1.0' encoding='UTF-8'?>\r\n<methodCall><methodName>samp.hub.notify</methodName><params>${params}</params></methodCall>`;
const param = (value: string): string => `<param><value>${value}</value></param>`;

describe('XML-RPC as SAMP speaks it', () => {
  it('reads text, lists and maps, with or without a type, with comments and line ends between them', () => {
    const text = call(
      [
        param('plain &amp; simple'),
        param('<string>&lt;a&gt; &#233;&#x3b1; &quot;b&apos;</string>'),
        param(
          '<array><data>\n <value><string>x</string></value> <value><int> 7 </int></value></data></array>',
        ),
        param(
          `<!-- a map --><struct>
             <member><name>samp.mtype</name><value>image.load.fits</value></member>
             <member><name>samp.params</name><value><struct/></value></member>
           </struct>`,
        ),
        param('<![CDATA[1 < 2]]>'),
        param(''),
      ].join('\n'),
    );
    expect(parseCall(text)).toEqual({
      method: 'samp.hub.notify',
      params: [
        'plain & simple',
        '<a> éα "b\'',
        ['x', '7'],
        { 'samp.mtype': 'image.load.fits', 'samp.params': {} },
        '1 < 2',
        '',
      ],
    });
  });

  it('writes what it reads, whatever the letters', () => {
    const params = ['a<b>&"c"\n', ['é', '漢', []], { 'x y': { deep: ['1', { er: '' }] } }] as const;
    expect(parseCall(writeCall({ method: 'a.b', params }))).toEqual({ method: 'a.b', params });
    expect(parseResponse(writeResponse({ ok: ['1'] }))).toEqual({ ok: ['1'] });
    expect(writeCall({ method: 'a.b', params: ['é漢'] })).toMatch(/^[\x20-\x7e]+$/);
  });

  it('tells what a fault says', () => {
    const fault = `<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>4</int></value></member>
      <member><name>faultString</name><value><string>wrong secret</string></value></member></struct></value></fault></methodResponse>`;
    expect(() => parseResponse(fault)).toThrow('The hub refused: wrong secret.');
  });

  it.each([
    ['nothing', ''],
    ['something else', 'GET / HTTP/1.1'],
    ['an end too early', call(param('x')).slice(0, -20)],
    ['crossed elements', '<methodCall><methodName>a</methodCall></methodName>'],
    ['two roots', `${call('')}${call('')}`],
    ['declared entities', `<!DOCTYPE x [<!ENTITY a "aaaa">]>${call(param('&a;'))}`],
    ['an entity that nobody knows', call(param('&bomb;'))],
    ['attributes', call(param('<string evil="1">x</string>'))],
    ['a kind of value that SAMP has not', call(param('<base64>QQ==</base64>'))],
    ['a map without names', call(param('<struct><member><value>1</value></member></struct>'))],
    ['a method that is none', call('').replace('samp.hub.notify', '../../etc/passwd x')],
    ['nesting without end', call(param('<array><data><value>'.repeat(200)))],
  ])('refuses %s', (_, text) => {
    expect(() => parseCall(text)).toThrow(expect.objectContaining({ code: 'api/samp-malformed' }));
  });

  it('takes a name like __proto__ for a name', () => {
    const { params } = parseCall(
      call(param('<struct><member><name>__proto__</name><value>x</value></member></struct>')),
    );
    expect(Object.keys(params[0]!)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
