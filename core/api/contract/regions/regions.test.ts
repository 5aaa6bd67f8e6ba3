import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeTanWcs, pixelToSky, skyToPixel, type Wcs } from '../../../domains/observations/index.ts';
import {
  fromIcrs,
  joinRegions,
  makeShape,
  parseRegions,
  placeShape,
  propertyOf,
  type RegionFrame,
  type RegionGeometry,
  type RegionShape,
  toIcrs,
  writeRegions,
  writeShape,
} from './index.ts';

/** 0.5 arcsec a pixel about (150, 30) at FITS pixel (101, 201), turned by 30 degrees or mirrored. */
function frameOf(wcs: Wcs): RegionFrame {
  return {
    sky: {
      toPixel: (raDeg, decDeg) => {
        const place = skyToPixel(wcs, raDeg, decDeg);
        return place && { x: place.xPx, y: place.yPx };
      },
      toSky: (x, y) => pixelToSky(wcs, x, y),
    },
  };
}
const PLANE = { raDeg: 150, decDeg: 30, xPx: 100, yPx: 200, pixelScaleArcsec: 0.5 };
const TURNED = frameOf(makeTanWcs({ ...PLANE, positionAngleDeg: 30 }));
const MIRRORED = frameOf(makeTanWcs({ ...PLANE, isEastLeft: false }));

const shapesOf = (text: string): readonly RegionShape[] =>
  parseRegions(text).flatMap((line) => (line.kind === 'shape' ? [line.shape] : []));
const only = (text: string): RegionShape => {
  const shapes = shapesOf(text);
  expect(shapes, text).toHaveLength(1);
  return shapes[0]!;
};
const place = (text: string, frame: RegionFrame = TURNED): RegionGeometry => placeShape(only(text), frame)!;

/** Files as programs and people write them; each names what is easily read wrongly in it. */
const CORPUS: readonly (readonly [string, string])[] = [
  [
    'a file saved by DS9',
    `# Region file format: DS9 version 4.1
global color=green dashlist=8 3 width=1 font="helvetica 10 normal roman" select=1 highlite=1 dash=0 fixed=0 edit=1 move=1 delete=1 include=1 source=1
fk5
circle(13:29:52.6750,+47:11:43.626,20.000")
ellipse(13:29:49.4,+47:12:00,40.5",12.25",35.00001) # color=red width=2 text={a {nested} name} tag={Group 1} tag={b}
-box(202.47,47.19,30",10",0) # background
`,
  ],
  ['quotes that are units, without parentheses', 'fk5; circle 13:29:52 +47:11:43 3"\nfk5;circle 10 20 3\'\n'],
  ['DOS line ends', 'image\r\ncircle(10,20,5)\r\nbox 10 20 4 6 30\r\n'],
  [
    'units d r p i',
    'fk5\ncircle(150.0d,30.0d,0.001d)\ncircle(2.617993877r,0.523598775r,10i)\nimage\nbox(100p,200p,4p,6p,30)\n',
  ],
  ['no system at all', 'circle(10,20,5)\n'],
  ['everything on one line', 'image;circle(1,2,3);box(4,5,6,7,0) # text={a;b};point(8,9) # point=cross 11'],
  [
    'shapes hidden behind a #',
    '# text(10,20) text={m31} textangle=30\n# vector(10,20,5",45) vector=1\n# ruler(1,2,3,4) ruler=arcmin format={%.3f}\n# compass(5,6,20) compass=physical {N} {E} 1 1\n# segment(1,2,3,4,5,6)\n# projection(1,2,3,4,5)\n',
  ],
  ['comments that only look like shapes', '# text about a circle\n# circles (there are 3)\n#\n### box me\n'],
  [
    'a composite',
    'image\n# composite(50,60,0) || composite=1 color=red\ncircle(10,20,5) ||\n-box(20,30,4,6,0) || # color=red\nellipse(1,2,3,4,5)\n',
  ],
  [
    'annuli and pandas',
    'image\nannulus(10,20,5,10,15)\nannulus 10 20 5 15 n=2\nellipse(10,20,1,2,3,4,30)\nbox(10,20,2,4,6,8,30)\npanda(10,20,0,90,3,5,10,2)\n# epanda(10,20,0,90,3,5,4,10,8,2,30)\n# bpanda(10,20,0,90,3,5,4,10,8,2,30)\n',
  ],
  [
    'letters of any size and points of old',
    'IMAGE\nCIRCLE(1,2,3)\nJ2000\ncross point 10.5 20.5\nboxcircle point 1 2 # color=#ff8800\n',
  ],
  [
    'signs and blanks',
    'image\n+circle(1,2,3)\n - circle( 4 , 5 , 6 )\n!box(1 2 3 4)\n   polygon 1 2 3 4 5 6  # tag = {x}\n',
  ],
  [
    'what is not understood',
    'image\ntile 3\ncircle(1,2)\nhexagon(1,2,3)\ncircle(a,b,c)\n\n  \nbox(1,2,3,4,5,6,7,8,9,10)\n',
  ],
  ['an alternate WCS and a byte order mark', '\uFEFFwcsb;circle(1,2,3)\nlinear\npoint(1,2) # point=arrow\n'],
  [
    'a quote that is never closed',
    'image;text(1,2) # text="never\ncircle(1,2,3) # text={neither\nbox(1,2,3,4,0)',
  ],
];

describe('a region file', () => {
  it.each(CORPUS)('is the same letter for letter after reading and writing: %s', (_, text) => {
    expect(joinRegions(parseRegions(text))).toBe(text);
  });

  it.each(CORPUS)('says the same when its shapes are written anew: %s', (_, text) => {
    const bare = (shape: RegionShape) => ({
      ...shape,
      parameters: shape.parameters.map(({ value, unit }) => ({ value: Number(value.toPrecision(9)), unit })),
    });
    const shapes = shapesOf(text);
    // Seconds are written with four decimals: no file of the corpus has more.
    expect(shapesOf(writeRegions(shapes)).map(bare)).toEqual(shapes.map(bare));
  });

  it('survives any text whatever', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(joinRegions(parseRegions(text))).toBe(text);
      }),
    );
    const words = fc.constantFrom(
      'circle',
      '(',
      ')',
      '"',
      "'",
      ';',
      '#',
      '\n',
      '\r\n',
      '{',
      '}',
      ' ',
      ',',
      '1',
      '12:3:4',
      'text=',
      '-',
      '||',
      'fk5',
      '5"',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 30 }), (parts) => {
        expect(joinRegions(parseRegions(parts.join('')))).toBe(parts.join(''));
      }),
    );
  });

  it('means physical coordinates until a system is named, and the last one named after that', () => {
    expect(
      shapesOf('circle(1,2,3)\nfk5;circle(1,2,3)\ncircle(1,2,3);image\ncircle(1,2,3)').map((s) => s.system),
    ).toEqual(['physical', 'fk5', 'fk5', 'image']);
  });

  it('reads every statement of its lines', () => {
    const kinds = (text: string) => parseRegions(text).map((line) => line.kind);
    expect(kinds('# c\n\nglobal color=red\nimage;circle(1,2,3)\nnonsense')).toEqual([
      'comment',
      'blank',
      'global',
      'system',
      'shape',
      'unknown',
    ]);
    expect(kinds(CORPUS[7]![1])).toEqual(['comment', 'comment', 'comment', 'comment']);
    expect(parseRegions('circle(1,2)')[0]).toMatchObject({ problem: 'a circle cannot have 2 numbers' });
    expect(parseRegions('circle(1,b,3)')[0]).toMatchObject({ problem: '“b,3)” is no number' });
  });

  it('keeps properties that it does not know, tags that repeat, words in values and colours with a #', () => {
    const shape = only(
      'image;circle(1,2,3) # color=#ff8800 tag={a} tag={b c} dashlist=8 3 odd=1 background text="it\'s"',
    );
    expect(shape.properties).toEqual([
      { key: 'color', value: '#ff8800' },
      { key: 'tag', value: 'a' },
      { key: 'tag', value: 'b c' },
      { key: 'dashlist', value: '8 3' },
      { key: 'odd', value: '1' },
      { key: 'background' },
      { key: 'text', value: "it's" },
    ]);
    expect(propertyOf(shape.properties, 'tag')).toBe('b c');
  });

  it('joins the members of a composite', () => {
    expect(shapesOf(CORPUS[8]![1]).map(({ name, join, isExcluded }) => [name, join, isExcluded])).toEqual([
      ['composite', '||', false],
      ['circle', '||', false],
      ['box', '||', true],
      ['ellipse', undefined, false],
    ]);
  });
});

describe('numbers of a region', () => {
  it.each([
    ['fk5;point(10:30:00,-1:30:00)', 157.5, -1.5],
    ['fk5;point(10h30m0s,-1d30m0s)', 157.5, -1.5],
    ['fk5;point(157.5,-1.5)', 157.5, -1.5],
    ['fk5;point(157.5d,-1.5d)', 157.5, -1.5],
    ['fk5;point(2.748893571891069r,-0.02617993877991494r)', 157.5, -1.5],
    ['fk5;point(10:30:00,-0:30:00)', 157.5, -0.5],
    ['image;point(10h30m,-1d30m)', 157.5, -1.5],
    // Colons in a galactic longitude are degrees.
    ['galactic;point(121:10:27.27,-21:34:22.39)', 10.68458, 41.26917],
  ])('%s is the right place of the sky', (text, raDeg, decDeg) => {
    let asked: readonly number[] = [];
    placeShape(only(text), {
      sky: {
        toPixel: (...sky) => {
          asked = sky;
          return { x: 0, y: 0 };
        },
        toSky: () => undefined,
      },
    });
    // The digits that the texts have.
    expect(asked[0]).toBeCloseTo(raDeg, 4);
    expect(asked[1]).toBeCloseTo(decDeg, 4);
  });

  it.each([
    ['circle(101,201,10)', 10],
    ['image;circle(101,201,5")', 10],
    ['fk5;circle(150,30,5")', 10],
    ["fk5;circle(150,30,0.5')", 60],
    ['fk5;circle(150,30,0.001)', 7.2],
    ['fk5;circle(150,30,10i)', 10],
    ['fk5;circle(150,30,10p)', 10],
    ['fk5;circle 150 30 5"', 10],
    ['fk5;circle(101i,201i,5")', 10],
  ])('%s has a radius of %f px', (text, radius) => {
    expect(place(text)).toMatchObject({
      kind: 'circle',
      centre: { x: expect.closeTo(100, 4), y: expect.closeTo(200, 4) },
    });
    expect((place(text) as { radius: number }).radius).toBeCloseTo(radius, 4);
  });

  it('of the original file go through LTM and LTV', () => {
    const frame: RegionFrame = { physical: { ltm: [0.5, 0, 0, 0.5], ltv: [-10, -20] } };
    // image = ltm * physical + ltv, so physical (100, 200) is FITS pixel (40, 80).
    expect(place('physical;circle(100,200,8)', frame)).toEqual({
      kind: 'circle',
      centre: { x: 39, y: 79 },
      radius: 4,
    });
    const back = makeShape({ kind: 'circle', centre: { x: 39, y: 79 }, radius: 4 }, 'physical', frame)!;
    expect(back.parameters.map(({ value }) => value)).toEqual([100, 200, 8]);
  });

  it('with n= stand for rings in equal steps', () => {
    expect(place('image;annulus 10 20 5 15 n=2')).toMatchObject({ radii: [5, 10, 15] });
    expect(place('image;box(10,20,2,4,6,8,n=2,30)')).toMatchObject({
      axes: [
        { a: 2, b: 4 },
        { a: 4, b: 6 },
        { a: 6, b: 8 },
      ],
      angleDeg: 30,
    });
  });
});

describe('a shape on the sky', () => {
  // From astropy 5.2.1 (wcslib): pixels of three places, and directions by a step of 1e-5 degrees.
  it.each([
    [150, 30, 100, 200],
    [150.01, 30.005, 64.00408089, 262.35461498],
    [149.99, 29.99, 118.00680145, 106.46846969],
  ])('at (%f, %f) lies where wcslib puts it', (raDeg, decDeg, x, y) => {
    const { centre } = place(`icrs;point(${raDeg},${decDeg})`) as { centre: { x: number; y: number } };
    expect(centre.x).toBeCloseTo(x, 6);
    expect(centre.y).toBeCloseTo(y, 6);
  });

  it.each([
    [TURNED, 0, -30],
    [TURNED, 25, -5],
    [TURNED, 90, 60],
    [MIRRORED, 0, 180],
    [MIRRORED, 25, 155],
    [MIRRORED, 90, 90],
  ])('has its angle from west to north, turned and mirrored images alike', (frame, sky, image) => {
    const { angleDeg } = place(`icrs;ellipse(150,30,5",2",${sky})`, frame) as { angleDeg: number };
    const difference = ((angleDeg - image + 540) % 360) - 180;
    // The finite step of the measure bends by 1e-5 degrees here.
    expect(Math.abs(difference)).toBeLessThan(1e-4);
  });

  // From astropy 5.2.1: galactic, FK4 (B1950, E-terms) and BarycentricMeanEcliptic (J2000).
  it.each([
    // astropy passes through FK5, which is turned by 0.02 arcsec against ICRS; we do not.
    ['galactic', 10.68458, 41.26917, 121.17424181126054, -21.572885572428845, 1e-5],
    ['galactic', 318.10821, -66.01572, 328.109260788599, -38.711460388414054, 1e-5],
    ['fk4', 188.7361667, -1.396, 188.0946078094472, -1.120597815663868, 1e-6],
    ['fk4', 0.0005, 89.9, 359.5922407634037, 89.62168824104715, 1e-4],
    // astropy's obliquity is another: 0.01 arcsec.
    ['ecliptic', 318.10821, -66.01572, 296.2922188900005, -46.911457803637354, 2e-5],
  ] as const)('is turned into %s as astropy does', (frame, raDeg, decDeg, lonDeg, latDeg, tolerance) => {
    const found = fromIcrs(frame, raDeg, decDeg);
    expect(Math.abs(found.lonDeg - lonDeg)).toBeLessThan(tolerance);
    expect(Math.abs(found.latDeg - latDeg)).toBeLessThan(tolerance);
    const back = toIcrs(frame, found.lonDeg, found.latDeg);
    expect(Math.abs(back.lonDeg - raDeg)).toBeLessThan(1e-9);
    expect(Math.abs(back.latDeg - decDeg)).toBeLessThan(1e-9);
  });

  const SHAPES: readonly RegionGeometry[] = [
    { kind: 'circle', centre: { x: 110.25, y: 190.5 }, radius: 12.5 },
    { kind: 'ellipse', centre: { x: 90, y: 210 }, axes: [{ a: 12, b: 5 }], angleDeg: 33 },
    {
      kind: 'box',
      centre: { x: 90, y: 210 },
      axes: [
        { a: 12, b: 5 },
        { a: 24, b: 10 },
      ],
      angleDeg: 350,
    },
    { kind: 'annulus', centre: { x: 90, y: 210 }, radii: [3, 5, 8] },
    {
      kind: 'panda',
      centre: { x: 90, y: 210 },
      inner: { a: 3, b: 3 },
      outer: { a: 9, b: 9 },
      rings: 2,
      startDeg: 10,
      stopDeg: 100,
      wedges: 3,
      angleDeg: 0,
    },
    {
      kind: 'bpanda',
      centre: { x: 90, y: 210 },
      inner: { a: 3, b: 2 },
      outer: { a: 9, b: 6 },
      rings: 2,
      startDeg: 10,
      stopDeg: 100,
      wedges: 3,
      angleDeg: 45,
    },
    {
      kind: 'polygon',
      points: [
        { x: 80, y: 200 },
        { x: 90, y: 200 },
        { x: 85, y: 215.5 },
      ],
    },
    { kind: 'point', centre: { x: 1, y: 2 } },
    { kind: 'compass', centre: { x: 100, y: 200 }, radius: 30 },
    { kind: 'ruler', from: { x: 80, y: 200 }, to: { x: 120, y: 240 } },
    { kind: 'projection', from: { x: 80, y: 200 }, to: { x: 120, y: 240 }, width: 7 },
    { kind: 'vector', from: { x: 80, y: 200 }, length: 20, angleDeg: 77 },
  ];

  it.each(['image', 'physical', 'icrs', 'fk5', 'fk4', 'galactic', 'ecliptic'])(
    'comes back from %s, turned and mirrored',
    (system) => {
      for (const frame of [TURNED, MIRRORED]) {
        for (const geometry of SHAPES) {
          const written = writeRegions([makeShape(geometry, system, frame)!]);
          const back = placeShape(only(written), frame)!;
          expect(flatten(back).length).toBe(flatten(geometry).length);
          // Angles are of one step of half a pixel: a thousandth of a degree beside the pole of a frame.
          flatten(back).forEach((value, i) => {
            const difference = Math.abs(value - flatten(geometry)[i]!);
            expect(Math.min(difference, 360 - difference), `${geometry.kind} ${system}`).toBeLessThan(1e-3);
          });
        }
      }
    },
  );

  it('is written in hours, minutes and seconds when that is asked', () => {
    const circle: RegionGeometry = { kind: 'circle', centre: { x: 100, y: 200 }, radius: 10 };
    expect(writeShape(makeShape(circle, 'fk5', TURNED, {}, 'sexagesimal')!)).toBe(
      'circle(10:00:00.0000,+30:00:00.0000,5")',
    );
    expect(
      writeShape(
        makeShape(circle, 'image', TURNED, {
          isExcluded: true,
          properties: [{ key: 'color', value: 'red' }],
        })!,
      ),
    ).toBe('-circle(101,201,10) # color=red');
  });

  it('has no place where the image has no sky', () => {
    expect(placeShape(only('fk5;circle(150,30,5")'), {})).toBeUndefined();
    expect(makeShape(SHAPES[0]!, 'fk5', {})).toBeUndefined();
    expect(placeShape(only('fk5;circle(330,-30,5")'), TURNED)).toBeUndefined();
    expect(placeShape(only('detector;circle(1,2,3)'), TURNED)).toBeUndefined();
  });
});

/** All numbers of a shape, angles in 0..360. */
function flatten(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .sort(([a], [b]) => a.localeCompare(b))
    .flatMap(([, part]) => flatten(part));
}
