/** One step of a selection network: the lesser and the greater of two registers, each wanted or not. */
export interface NetworkStep {
  readonly a: Operand;
  readonly b: Operand;
  readonly minTo: number | undefined;
  readonly maxTo: number | undefined;
}

/** A register read `shift` pixels to the right. */
export interface Operand {
  readonly register: number;
  readonly shift: number;
}

/** A program that leaves the medians of k x k windows in register `result`. */
export interface SelectionNetwork {
  readonly steps: readonly NetworkStep[];
  readonly registers: number;
  readonly result: number;
}

/**
 * Build the network that finds the median of k x k windows for a strip of pixels at once.
 *
 * Registers 0..k-1 hold the window's k rows, starting at the window's left edge. Each column is sorted once; two
 * neighbours' columns are merged once; shifted reads of those serve every window they lie in. The last merge is not
 * carried out: the r-th least of sorted lists A and B is the least, over i, of max(A[i], B[r - i]) (1-based, absent
 * elements being least). Steps whose output nothing reads are left out.
 *
 * @see Batcher 1968, AFIPS 32, 307: the odd-even merge.
 */
export function buildMedianNetwork(k: 5 | 7): SelectionNetwork {
  const steps: NetworkStep[] = [];
  let registers = k;
  const at = (list: readonly number[], shift: number): Operand[] =>
    list.map((register) => ({ register, shift }));
  const compare = (a: Operand, b: Operand): [Operand, Operand] => {
    const minTo = registers++;
    const maxTo = registers++;
    steps.push({ a, b, minTo, maxTo });
    return [
      { register: minTo, shift: 0 },
      { register: maxTo, shift: 0 },
    ];
  };
  /** Odd-even merge of two sorted lists of any lengths. */
  const merge = (a: readonly Operand[], b: readonly Operand[]): Operand[] => {
    if (a.length === 0) return [...b];
    if (b.length === 0) return [...a];
    if (a.length === 1 && b.length === 1) return compare(a[0]!, b[0]!);
    const even = (list: readonly Operand[]): Operand[] => list.filter((_, i) => i % 2 === 0);
    const odd = (list: readonly Operand[]): Operand[] => list.filter((_, i) => i % 2 === 1);
    const v = merge(even(a), even(b));
    const w = merge(odd(a), odd(b));
    const merged: Operand[] = [v[0]!];
    for (let i = 0; i < w.length || i + 1 < v.length; i++) {
      if (i < w.length && i + 1 < v.length) merged.push(...compare(v[i + 1]!, w[i]!));
      else merged.push(i < w.length ? w[i]! : v[i + 1]!);
    }
    return merged;
  };
  const sort = (list: readonly Operand[]): Operand[] => {
    if (list.length < 2) return [...list];
    const half = list.length >> 1;
    return merge(sort(list.slice(0, half)), sort(list.slice(half)));
  };
  const names = (list: readonly Operand[]): number[] => list.map((operand) => operand.register);

  const column = names(sort(at([...Array(k).keys()], 0)));
  const pair = names(merge(at(column, 0), at(column, 1)));
  const four = names(merge(at(pair, 0), at(pair, 2)));
  const rest = k === 5 ? at(column, 4) : at(names(merge(at(pair, 0), at(column, 2))), 4);
  const rank = (k * k + 1) / 2;
  let best: Operand | undefined;
  for (let i = Math.max(0, rank - rest.length); i <= Math.min(rank, four.length); i++) {
    const a = i === 0 ? undefined : at([four[i - 1]!], 0)[0]!;
    const b = rank - i === 0 ? undefined : rest[rank - i - 1]!;
    const candidate = a === undefined ? b! : b === undefined ? a : compare(a, b)[1];
    best = best === undefined ? candidate : compare(best, candidate)[0];
  }
  return prune(steps, best!.register, k);
}

/** Leave out what nothing reads, and let registers be used again once they have been read for the last time. */
function prune(steps: readonly NetworkStep[], result: number, inputs: number): SelectionNetwork {
  const wanted = new Set([result]);
  const kept: NetworkStep[] = [];
  for (const step of steps.toReversed()) {
    const minTo = step.minTo !== undefined && wanted.has(step.minTo) ? step.minTo : undefined;
    const maxTo = step.maxTo !== undefined && wanted.has(step.maxTo) ? step.maxTo : undefined;
    if (minTo === undefined && maxTo === undefined) continue;
    wanted.add(step.a.register);
    wanted.add(step.b.register);
    kept.unshift({ ...step, minTo, maxTo });
  }
  const lastRead = new Map<number, number>([[result, kept.length]]);
  kept.forEach((step, i) => {
    for (const operand of [step.a, step.b]) {
      lastRead.set(operand.register, Math.max(i, lastRead.get(operand.register) ?? 0));
    }
  });
  const place = new Map<number, number>();
  const spare: number[] = [];
  let registers = inputs;
  for (let i = 0; i < inputs; i++) place.set(i, i);
  const take = (register: number | undefined): number | undefined => {
    if (register === undefined) return undefined;
    const to = spare.pop() ?? registers++;
    place.set(register, to);
    return to;
  };
  const placed = kept.map((step, i): NetworkStep => {
    const a = { register: place.get(step.a.register)!, shift: step.a.shift };
    const b = { register: place.get(step.b.register)!, shift: step.b.shift };
    // Outputs are placed before the operands are freed: a shifted operand must not be overwritten while it is read.
    const minTo = take(step.minTo);
    const maxTo = take(step.maxTo);
    for (const register of new Set([step.a.register, step.b.register])) {
      if (lastRead.get(register) === i) spare.push(place.get(register)!);
    }
    return { a, b, minTo, maxTo };
  });
  return { steps: placed, registers, result: place.get(result)! };
}
