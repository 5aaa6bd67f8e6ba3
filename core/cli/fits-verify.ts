import { type FitsFinding, verifyFits } from '../adapters/imaging/index.ts';
import { AstridError } from '../utils/index.ts';
import type { Console } from './console.ts';
import { count } from './console.ts';

/**
 * Run `astrid fits verify`: every finding is a line with its HDU, byte and card.
 *
 * @throws observations/bad-fits when there are errors, and as `verifyFits`
 */
export async function runFitsVerify(file: string, out: Console): Promise<void> {
  const { bytes, hdus, checksummed, findings } = await verifyFits(file);
  for (const finding of findings) out.print(describeFinding(finding));
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.length - errors;
  out.print(
    `${file}: ${bytes} bytes, ${count(hdus, 'HDU')}, ${checksummed} with right checksums; ${count(errors, 'error')}, ${count(warnings, 'warning')}`,
  );
  if (errors > 0) {
    throw new AstridError(
      'observations/bad-fits',
      `${file} has ${count(errors, 'error')}: do not trust its values.`,
      {
        file,
        errors,
        warnings,
      },
    );
  }
}

function describeFinding({ severity, hdu, offset, card, message }: FitsFinding): string {
  const where = `HDU ${hdu}, byte ${offset}${card === undefined ? '' : `, card ${card}`}`;
  return `${severity.padEnd(7)}  ${where}: ${message}`;
}
