/** A program or library that does the same, or less, or more. */
export interface Peer {
  /** What peers.py calls it. */
  readonly name: string;
  readonly isPresent: boolean;
  /** False for one that does not the same work: it is shown and does not count. */
  readonly isRival: boolean;
}

/** A stage of the line that peers have too. */
export interface Stage {
  readonly name: string;
  readonly title: string;
  /** Largest ratio of wall times, ours over the best peer's, that is asked. */
  readonly ask: number;
  readonly peers: readonly Peer[];
  /** It starts from the registered pair. */
  readonly needsPair: boolean;
  /** A figure to compare with where no peer is there: measured once elsewhere, scaled by pixels. */
  readonly fixed?: (size: number) => { readonly wallS: number; readonly text: string };
}

/** hotpants on a pair of 2048 x 2048 px, s. */
const HOTPANTS_2048_S = 4.5;

/** List the stages with the peers that this machine has. */
export function findStages(versions: Readonly<Record<string, string | null>>): readonly Stage[] {
  const rival = (name: string, ...needs: string[]): Peer => ({
    name,
    isPresent: (needs.length > 0 ? needs : [name]).every((need) => Boolean(versions[need])),
    isRival: true,
  });
  const other = (name: string, ...needs: string[]): Peer => ({ ...rival(name, ...needs), isRival: false });
  const readers = [rival('cfitsio'), rival('fitsio'), rival('astropy')];
  return [
    { name: 'read-float32', title: 'FITS read, float32', ask: 1.5, peers: readers, needsPair: false },
    { name: 'read-rice', title: 'FITS read, Rice int16', ask: 0.8, peers: readers, needsPair: false },
    {
      name: 'extract',
      title: 'background + extract',
      ask: 1,
      // sep and source-extractor with a noise map. sep alone only finds objects, which ours also measures (Kron, half-light
      // radius, windowed position); without its matched filter it does less still.
      peers: [
        rival('sep', 'sep'),
        rival('source-extractor'),
        other('sep, as much measured', 'sep'),
        other('sep, plain convolution', 'sep'),
      ],
      needsPair: false,
    },
    {
      name: 'cosmic-rays',
      title: 'L.A.Cosmic, 4 iterations',
      ask: 0.15,
      peers: [rival('astroscrappy')],
      needsPair: false,
    },
    {
      name: 'register',
      title: 'register + resample',
      ask: 0.5,
      peers: [
        rival('astroalign + SWarp', 'astroalign', 'SWarp'),
        versions.astroalign ? other('SWarp') : rival('SWarp'),
      ],
      needsPair: true,
    },
    {
      name: 'zogy',
      title: 'ZOGY D + S_corr + flux',
      ask: 0.6,
      // The rivals make these three planes alone, of images as they are. Ours also makes the variance of D, the astrometric
      // noise in S_corr, the error of the flux and the light that both images share; it fills what is masked and tells how
      // noise is correlated. What of this is a formula a pixel the last one makes too.
      peers: [rival('pyfftw'), rival('scipy'), other('pyfftw, as much computed', 'pyfftw')],
      needsPair: true,
    },
    {
      name: 'alard-lupton',
      title: 'Alard-Lupton, order 2',
      ask: 0.2,
      peers: [rival('hotpants')],
      needsPair: true,
      fixed: (size) => {
        const wallS = HOTPANTS_2048_S * (size / 2048) ** 2;
        return { wallS, text: `hotpants, fixed figure ${wallS.toFixed(1)} s: not run here` };
      },
    },
    {
      name: 'forced',
      title: 'forced fluxes, 10k',
      ask: 1,
      peers: [rival('sep'), rival('photutils')],
      needsPair: true,
    },
    {
      name: 'line',
      title: 'whole line',
      ask: 0.3,
      peers: [rival('line of peers', 'astropy', 'astroscrappy', 'sep', 'SWarp')],
      needsPair: true,
    },
  ];
}
