import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const seq = (...parts: Buffer[]): Buffer => tagged(0x30, Buffer.concat(parts));
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, 'hex'));
const time = (date: Date): Buffer => {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  return tagged(0x18, Buffer.from(`${digits}Z`));
};

function tagged(tag: number, body: Buffer): Buffer {
  const { length } = body;
  const head =
    length < 128
      ? [tag, length]
      : length < 256
        ? [tag, 0x81, length]
        : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), body]);
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

/**
 * Write a certificate that signs itself, and its key, as PEM files of a folder.
 *
 * @param names of hosts; one of digits and dots is an IPv4 address.
 * @see RFC 5280, 4.1
 */
export function writeCertificate(
  folder: string,
  names: readonly string[],
  { from = new Date(Date.now() - 60_000), to = new Date(Date.now() + 86_400_000), file = 'host' } = {},
): { readonly cert: string; readonly key: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = seq(oid('2a8648ce3d040302'));
  const name = seq(tagged(0x31, seq(oid('550403'), tagged(0x0c, Buffer.from('AstrID test')))));
  const alternatives = seq(
    ...names.map((one) =>
      /^[\d.]+$/.test(one)
        ? tagged(0x87, Buffer.from(one.split('.').map(Number)))
        : tagged(0x82, Buffer.from(one)),
    ),
  );
  const extensions = tagged(0xa3, seq(seq(oid('551d11'), tagged(0x04, alternatives))));
  const body = seq(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    seq(time(from), time(to)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    extensions,
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]);
  const files = { cert: join(folder, `${file}.cert.pem`), key: join(folder, `${file}.key.pem`) };
  writeFileSync(files.cert, pem('CERTIFICATE', seq(body, ecdsaWithSha256, tagged(0x03, signature))));
  writeFileSync(files.key, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  return files;
}
