import { z } from 'zod';
import { ObjectName, SkyObject } from '../api/contract/index.ts';
import { placeOfName, separationArcsec } from '../domains/catalog/index.ts';
import { AstridError } from '../utils/index.ts';
import { type Console, formatTable } from './console.ts';
import { formatDec, formatRa } from './format-sky.ts';
import { parsePlace } from './parse-place.ts';
import { type Ask, type DoorOptions, withDoor } from './with-door.ts';

interface ObjectOptions extends DoorOptions {
  readonly json?: boolean;
}

/** How far from a place that was typed an object may lie, arcsec: places are typed with few digits. */
const REACH_ARCSEC = 5;
/** Named objects asked for: what the API gives at once. */
const MOST_NAMES = 10_000;

const Named = z.object({ items: z.array(ObjectName.extend({ raDeg: z.number(), decDeg: z.number() })) });

/** Run `astrid objects`: what people gave a name. */
export async function runObjectsList(options: ObjectOptions, out: Console): Promise<void> {
  await withDoor(options, out, async (ask) => {
    const { items } = await listNamed(ask);
    if (options.json) out.print(JSON.stringify({ version: 1, objects: items }));
    else if (items.length === 0)
      out.print('no object has a name of its own yet: astrid objects name OBJECT NAME gives one');
    else
      out.print(
        formatTable(
          ['name', 'object', 'RA', 'Dec', 'id'],
          items.map(({ id, name, givenName, raDeg, decDeg }) => [
            givenName ?? '',
            name,
            formatRa(raDeg),
            formatDec(decDeg),
            id,
          ]),
        ),
      );
  });
}

/** Run `astrid objects name`: call an object something else, or after its place again. @throws catalog/object-not-found, catalog/which-object, catalog/name-missing, api/invalid-input */
export async function runObjectsName(
  object: string,
  givenName: string | undefined,
  options: ObjectOptions & { readonly takeAway?: boolean },
  out: Console,
): Promise<void> {
  if ((givenName === undefined) !== (options.takeAway === true))
    throw new AstridError('catalog/name-missing', 'Say what to call it, or --take-away, and not both.');
  await withDoor(options, out, async (ask) => {
    const path = `/catalog/objects/${await findObject(ask, object)}/name`;
    const named = ObjectName.parse(
      await (givenName === undefined ? ask('DELETE', path) : ask('PUT', path, { givenName })),
    );
    if (options.json) out.print(JSON.stringify({ version: 1, ...named }));
    else
      out.print(
        named.givenName === undefined
          ? `${named.name} has no name of its own`
          : `${named.name} is called ${named.givenName}`,
      );
  });
}

async function listNamed(ask: Ask): Promise<z.infer<typeof Named>> {
  return Named.parse(await ask('GET', `/catalog/object-names?limit=${MOST_NAMES}`));
}

/** The id of an object that was named by its id, its designation, the name people gave it, or its place. */
async function findObject(ask: Ask, typed: string): Promise<string> {
  const text = typed.trim();
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)) return text;
  const called = (await listNamed(ask)).items.filter(
    ({ givenName }) => givenName?.toLowerCase() === text.toLowerCase(),
  );
  if (called.length > 0) return takeOnly(called, text);
  const designation = text.startsWith('J') ? `AstrID ${text}` : text;
  const place = placeOfName(designation) ?? (text.includes(',') ? parsePlace(text) : undefined);
  if (place === undefined)
    throw new AstridError(
      'catalog/object-not-found',
      `No object is called ${text}. Say its designation (AstrID J...), its id, or RA,DEC; "astrid export objects" lists them.`,
      { text },
    );
  const near = (await listNear(ask, place)).filter(
    (one) => separationArcsec(one, place) <= REACH_ARCSEC && (text.includes(',') || one.name === designation),
  );
  if (near.length === 0)
    throw new AstridError('catalog/object-not-found', `There is no object at ${text} in this workspace.`, {
      text,
    });
  return takeOnly(near, text);
}

async function listNear(
  ask: Ask,
  { raDeg, decDeg }: { readonly raDeg: number; readonly decDeg: number },
): Promise<readonly SkyObject[]> {
  const reachDeg = REACH_ARCSEC / 3600;
  // Near a pole, or where right ascension begins again, every one of the zone is asked for.
  const wide = reachDeg / Math.max(1e-6, Math.cos((decDeg * Math.PI) / 180));
  const isWhole = raDeg - wide < 0 || raDeg + wide >= 360;
  const ranges = [
    { column: 'decDeg', from: decDeg - reachDeg, to: decDeg + reachDeg },
    ...(isWhole ? [] : [{ column: 'raDeg', from: raDeg - wide, to: raDeg + wide }]),
  ];
  const query = new URLSearchParams({ filter: JSON.stringify({ ranges }), limit: '1000' });
  return z.object({ items: z.array(SkyObject) }).parse(await ask('GET', `/catalog/objects?${query}`)).items;
}

function takeOnly(
  found: readonly { readonly id: string; readonly name: string; readonly givenName?: string | undefined }[],
  text: string,
): string {
  const [only, ...others] = found;
  if (others.length === 0) return only!.id;
  throw new AstridError(
    'catalog/which-object',
    `${text} may be ${found.map(({ id, name }) => `${name} (${id})`).join(' or ')}: say the designation or the id.`,
    { text, found: found.length },
  );
}
