import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSession } from './open-session.ts';
import { findModel, readModel } from './read-manifest.ts';

// A real GPU, or a software one: VK_DRIVER_FILES set to Chromium's vk_swiftshader_icd.json, and libvulkan.
const hasGpu = existsSync('/dev/dri') || Boolean(process.env.VK_DRIVER_FILES) || process.platform !== 'linux';

describe.skipIf(!hasGpu)('the shipped model on WebGPU (needs a GPU or VK_DRIVER_FILES)', () => {
  it('scores as on the CPU', async () => {
    const model = readModel(findModel(join(process.cwd(), 'models'), 'real-bogus'));
    const session = await openSession(model, ['webgpu']);
    const { inputs, outputs } = model.manifest.verification;
    expect(session.provider, session.notes.join('; ')).toBe('webgpu');
    const scores = await session.score(Float32Array.from(inputs.flat()), inputs.length);
    await session.close();
    scores.forEach((score, i) => {
      expect(Math.abs(score - outputs[i]!)).toBeLessThan(1e-4);
    });
  });
});
