import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type Fetch, fetchMovingObjects } from './index.ts';

const RECORDED = new URL('../../../../shared/fixtures/skybot/skybot_query.vot', import.meta.url).pathname;
const recorded = existsSync(RECORDED) ? test : test.skip;
const CONE = { raDeg: 81.2833, decDeg: 4.49278, radiusDeg: 0.2 };

function answerWith(body: string, status = 200) {
  const asked: URL[] = [];
  const fetch: Fetch = async (url) => {
    asked.push(new URL(url));
    return new Response(body, { status });
  };
  return { asked, options: { fetch, pauseMs: 0 } };
}

describe('SkyBoT', () => {
  recorded('is asked for a circle at a moment, and its answer gives places in degrees', async () => {
    const { asked, options } = answerWith(readFileSync(RECORDED, 'utf8'));
    const objects = await fetchMovingObjects(CONE, 60_677, 'I41', options);
    expect(Object.fromEntries(asked[0]!.searchParams)).toMatchObject({
      '-ep': '2460677.500000',
      '-ra': '81.283300',
      '-dec': '4.492780',
      '-rd': '0.200000',
      '-loc': 'I41',
      '-mime': 'votable',
    });
    expect(objects).toHaveLength(4);
    expect(objects[0]).toEqual({
      name: "G!kun||'homdima",
      number: 229762,
      kind: 'KBO>Detached',
      raDeg: 81.303190599627357,
      decDeg: 4.4903001723284355,
      mag: 19.6,
      errArcsec: 0.025,
      raRateArcsecPerHour: -2.9183,
      decRateArcsecPerHour: 0.419,
    });
    expect(objects[2]).toMatchObject({ name: '2019 RB21', number: undefined, kind: 'MB>Middle' });
  });

  test('has nothing to say of an empty sky, and says what went wrong', async () => {
    const votable = (status: string, words = '') =>
      `<vot:VOTABLE xmlns:vot="v"><vot:INFO name="QUERY_STATUS" value="${status}">${words}</vot:INFO></vot:VOTABLE>`;
    expect(await fetchMovingObjects(CONE, 60_677, '500', answerWith(votable('OK')).options)).toEqual([]);
    await expect(
      fetchMovingObjects(CONE, 60_677, '500', answerWith(votable('ERROR', 'epoch out of range')).options),
    ).rejects.toMatchObject({
      code: 'catalog/archive-error',
      message: expect.stringContaining('epoch out of range'),
    });
    const fetch: Fetch = async () => {
      throw new TypeError('getaddrinfo ENOTFOUND');
    };
    await expect(fetchMovingObjects(CONE, 60_677, '500', { fetch })).rejects.toMatchObject({
      code: 'catalog/archive-unreachable',
      message: expect.not.stringContaining('catalog import'),
    });
  });
});
