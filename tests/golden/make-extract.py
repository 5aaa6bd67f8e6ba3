#!/usr/bin/python3
"""Make extract.json: what SEP and astroscrappy find on the images that extract.test.ts looks at.

Run from the repository's root with Debian's python3-sep, python3-astroscrappy and python3-astropy:
    /usr/bin/python3 tests/golden/make-extract.py
"""

import json
import warnings

import astroscrappy
import numpy as np
import sep
from astropy.io import fits

warnings.simplefilter('ignore')
DATA = '../shared/data'
STEP = 8


def round_to(values, digits):
    return [float(f'{value:.{digits}g}') for value in np.asarray(values, dtype=float)]


def lcg_noise(count, seed):
    """Near-normal deviates that any language makes alike: sums of twelve uniform numbers of one generator."""
    state = seed
    out = np.empty(count)
    for i in range(count):
        total = 0.0
        for _ in range(12):
            state = (1664525 * state + 1013904223) % 4294967296
            total += state / 4294967296
        out[i] = total - 6.0
    return out


def draw_field(size, stars, sky, noise, seed):
    """Gaussian stars (x, y, flux, sigma) on a sky, rounded to whole counts."""
    y, x = np.mgrid[:size, :size].astype(float)
    image = np.full((size, size), float(sky))
    for sx, sy, flux, sigma in stars:
        image += flux / (2 * np.pi * sigma**2) * np.exp(-((x - sx) ** 2 + (y - sy) ** 2) / (2 * sigma**2))
    image += noise * lcg_noise(size * size, seed).reshape(size, size)
    return np.round(image).astype(np.float32)


def background(path):
    image = np.ascontiguousarray(fits.getdata(path).astype(np.float32))
    result = sep.Background(image, bw=64, bh=64, fw=3, fh=3)
    return {
        'step': STEP,
        'level': round_to(result.back()[::STEP, ::STEP].ravel(), 8),
        'rms': round_to(result.rms()[::STEP, ::STEP].ravel(), 7),
        'medianLevel': float(result.globalback),
        'medianRms': float(result.globalrms),
    }


def catalogue(image):
    """Extract over a constant sky and threshold, so that nothing but the extraction is compared."""
    measured = sep.Background(image)
    sky = float(np.float32(round(measured.globalback, 1)))
    rms = round(measured.globalrms, 2)
    above = image - np.float32(sky)
    # SEP 1.2.0 cleans by an unsorted heap, which decides at random for the smallest objects: not compared.
    objects = sep.extract(above, 1.5 * rms, minarea=5, deblend_nthresh=32, deblend_cont=0.005, clean=False)
    cleaned = sep.extract(above, 1.5 * rms, minarea=5, deblend_nthresh=32, deblend_cont=0.005, clean=True)
    x, y, a, b, theta = (objects[name] for name in ('x', 'y', 'a', 'b', 'theta'))
    kron, kron_flag = sep.kron_radius(above, x, y, a, b, theta, 6.0)
    usable = (kron_flag == 0) & (kron > 0)
    scale = np.where(usable, 2.5 * kron, 1.0)
    flux_auto, flux_auto_err, _ = sep.sum_ellipse(above, x, y, a, b, theta, scale, err=rms, subpix=1)
    usable &= flux_auto > 0
    half, _ = sep.flux_radius(above, x, y, 6.0 * a, 0.5, normflux=flux_auto, subpix=5)
    aper, aper_err, _ = sep.sum_circle(above, x, y, 5.0, err=rms, gain=2.0, subpix=0)
    sigma = np.where(usable, 2 / 2.35 * half, 1.0)
    xwin, ywin, win_flag = sep.winpos(above, x, y, sigma)
    return {
        'sky': sky,
        'rms': rms,
        'cleanedCount': len(cleaned),
        'columns': {
            'npix': objects['npix'].tolist(),
            'deblended': (objects['flag'] & 1).tolist(),
            'x': round_to(x, 8),
            'y': round_to(y, 8),
            'x2': round_to(objects['x2'], 7),
            'y2': round_to(objects['y2'], 7),
            'xy': round_to(objects['xy'], 7),
            'a': round_to(a, 7),
            'b': round_to(b, 7),
            'theta': round_to(theta, 7),
            'flux': round_to(objects['flux'], 7),
            'cflux': round_to(objects['cflux'], 7),
            'peak': round_to(objects['peak'], 7),
            'usable': usable.astype(int).tolist(),
            'kron': round_to(np.nan_to_num(kron), 7),
            'fluxAuto': round_to(np.nan_to_num(flux_auto), 7),
            'halfLight': round_to(np.nan_to_num(half), 6),
            'aperture': round_to(aper, 8),
            'apertureErr': round_to(aper_err, 8),
            'xwin': round_to(xwin, 8),
            'ywin': round_to(ywin, 8),
            'winFlag': win_flag.astype(int).tolist(),
        },
    }


def cosmic_rays(image, **options):
    hits, clean = astroscrappy.detect_cosmics(image, sepmed=True, **options)
    where = np.flatnonzero(hits)
    return {'hits': where.tolist(), 'cleaned': round_to(clean.ravel()[where], 6)}


def main():
    rng = np.random.default_rng(20)
    stars = [
        [round(float(v), 3) for v in (rng.uniform(4, 252), rng.uniform(4, 252), 10 ** rng.uniform(3, 5.3), 1.5)]
        for _ in range(120)
    ]
    field = {'size': 256, 'sky': 1000, 'noise': 12, 'seed': 5, 'stars': stars}
    simulated = draw_field(**field)
    hit_field = {'size': 128, 'sky': 400, 'noise': 21, 'seed': 9, 'stars': stars[:40]}
    tracks = [
        [int(rng.integers(4, 116)), int(rng.integers(4, 124)), int(rng.integers(1, 8)), int(rng.integers(150, 3000))]
        for _ in range(40)
    ]
    hit = draw_field(**hit_field)
    for x, y, length, charge in tracks:
        hit[y, x : x + length] += charge
    golden = {
        'origin': f'sep {sep.__version__}, astroscrappy {astroscrappy.__version__}: make-extract.py',
        'background': background(f'{DATA}/single/sep/image.fits'),
        'field': field,
        'catalogues': {
            'sep': catalogue(np.ascontiguousarray(fits.getdata(f'{DATA}/single/sep/image.fits').astype(np.float32))),
            'moa': catalogue(
                np.ascontiguousarray(
                    fits.getdata(f'{DATA}/pairs/moa2013blg475_saao/AKB13475I0100.fits').astype(np.float32)
                )
            ),
            'simulated': catalogue(simulated),
        },
        'cosmicRays': {
            'gmos': cosmic_rays(
                np.ascontiguousarray(fits.getdata(f'{DATA}/raw/gmos_cosmicrays.fits', 1).astype(np.float32)),
                readnoise=6.5,
                satlevel=65536.0,
            ),
            'simulated': {
                'field': hit_field,
                'tracks': tracks,
                **cosmic_rays(hit, readnoise=6.5, satlevel=65536.0),
            },
        },
    }
    with open('tests/golden/extract.json', 'w') as file:
        json.dump(golden, file, separators=(',', ':'))
        file.write('\n')


if __name__ == '__main__':
    main()
