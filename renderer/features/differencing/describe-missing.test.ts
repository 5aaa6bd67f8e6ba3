import { expect, it } from 'vitest';
import type { Run } from '../../../core/api/contract/index.ts';
import { describeMissing, describeResampling } from './describe-missing.ts';

const run = (status: Run['status'], stages: Partial<Run['stages'][number]>[]) =>
  ({ status, stages: stages.map((stage) => ({ metrics: {}, ...stage })) }) as unknown as Run;

it('says where the images of another workstation’s field are', () => {
  const theirs = { ...run('done', []), origin: 'ada' };
  expect(describeMissing(theirs, 'science')).toContain('on the workstation of ada');
});

it('says which stage failed and how', () => {
  const failed = run('failed', [
    { stage: 'preprocess', status: 'done' },
    { stage: 'register', status: 'failed', errorMessage: 'The template is of another field.' },
    { stage: 'difference', status: 'pending' },
  ]);
  for (const kind of ['template', 'difference', 'score'] as const)
    expect(describeMissing(failed, kind)).toBe(
      'not made, because register failed. The template is of another field.',
    );
  expect(describeMissing(failed, 'science')).toBe('its pixels were not kept by this run.');
});

it('tells a run that is not there yet from one that was stopped', () => {
  const stages = [{ stage: 'register', status: 'pending' }] as const;
  expect(describeMissing(run('running', [...stages]), 'template')).toContain('has not come to register');
  expect(describeMissing(run('cancelled', [...stages]), 'template')).toContain('was stopped');
});

it('speaks of resampling only where pixels differ in size', () => {
  expect(describeResampling(undefined)).toBeUndefined();
  expect(describeResampling(1.001)).toBeUndefined();
  expect(describeResampling(1.13)).toContain('1.13');
});
