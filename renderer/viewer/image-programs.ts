import { buildProgram, findUniforms, selectProgram } from './graphics.ts';
import {
  ARRAY_COUNT,
  COLORMAP_UNIT,
  CURVE_UNIT,
  IMAGE_VERTEX_SHADER,
  type ImageProgramKind,
  makeImageFragmentShader,
  PAGES_UNIT,
  TILE_UNIFORMS,
} from './image-shaders.ts';

const UNIFORMS = [
  'u_paneOrigin',
  'u_paneSize',
  'u_anchor',
  'u_fraction',
  'u_step',
  'u_turn',
  'u_gridZoom',
  'u_bounds',
  'u_levelSize',
  'u_firstTile',
  'u_tileCount',
  'u_limits',
  'u_contrast',
  'u_bias',
  'u_invert',
  'u_nanColour',
  'u_gridColour',
] as const;

/** Where a program takes what it is told; nowhere for what its kind does not need. */
export type ImageUniforms = Readonly<Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>>;

interface Built {
  readonly program: WebGLProgram;
  readonly uniforms: ImageUniforms;
}

/** The programs that turn tiles into colours, each made when an image first needs it. */
export class ImagePrograms {
  readonly #gl: WebGL2RenderingContext;
  readonly #layers: number;
  readonly #built = new Map<string, Built>();
  /** Kinds that were needed, whatever their number of arrays. */
  readonly #kinds = new Map<string, ImageProgramKind>();

  /** @param layers tiles in each texture array. */
  constructor(gl: WebGL2RenderingContext, layers: number) {
    this.#gl = gl;
    this.#layers = layers;
  }

  /** Give the programs back. */
  close(): void {
    for (const { program } of this.#built.values()) this.#gl.deleteProgram(program);
  }

  /** Make the program of a kind the current one. */
  select(kind: ImageProgramKind): ImageUniforms {
    const key = keyOf(kind, powerOfTwo(kind.arrays));
    const known = this.#built.get(key);
    if (known === undefined) return this.#make(kind).uniforms;
    selectProgram(this.#gl, known.program);
    return known.uniforms;
  }

  /**
   * Make one of the programs that will be needed now that there are so many arrays: the frame that first meets a new
   * array would wait for it.
   *
   * @returns whether there was one to make.
   */
  prepare(arrays: number): boolean {
    for (const kind of this.#kinds.values()) {
      if (this.#built.has(keyOf(kind, powerOfTwo(arrays)))) continue;
      this.#make({ ...kind, arrays });
      return true;
    }
    return false;
  }

  #make(kind: ImageProgramKind): Built {
    const arrays = powerOfTwo(kind.arrays);
    const built = this.#build({ ...kind, arrays });
    this.#built.set(keyOf(kind, arrays), built);
    this.#kinds.set(keyOf(kind, 1), kind);
    return built;
  }

  #build(kind: ImageProgramKind): Built {
    const gl = this.#gl;
    const program = buildProgram(gl, IMAGE_VERTEX_SHADER, makeImageFragmentShader(kind, this.#layers));
    selectProgram(gl, program);
    for (const [unit, name] of TILE_UNIFORMS.entries())
      gl.uniform1i(gl.getUniformLocation(program, name), unit);
    gl.uniform1i(gl.getUniformLocation(program, 'u_pages'), PAGES_UNIT);
    gl.uniform1i(gl.getUniformLocation(program, 'u_colormap'), COLORMAP_UNIT);
    gl.uniform1i(gl.getUniformLocation(program, 'u_curve'), CURVE_UNIT);
    return { program, uniforms: findUniforms(gl, program, UNIFORMS) };
  }
}

function keyOf({ stretch, isAveraged, hasGrid }: ImageProgramKind, arrays: number): string {
  return `${stretch} ${isAveraged} ${hasGrid} ${arrays}`;
}

/** Few programs for many numbers of arrays: those that do not exist yet stand in with the first. */
function powerOfTwo(arrays: number): number {
  let most = 1;
  while (most < arrays) most *= 2;
  return Math.min(ARRAY_COUNT, most);
}
