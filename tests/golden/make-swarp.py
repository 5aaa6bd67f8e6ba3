#!/usr/bin/python3
"""Make swarp.json: what SWarp's Lanczos-3 makes of one simulated exposure on another's grid.

The exposure is given by its stars, so that any language can draw it; the golden keeps star fluxes, and pixels around
some stars. Run from the repository's root with Debian's swarp and python3-astropy:
    /usr/bin/python3 tests/golden/make-swarp.py
"""

import json
import math
import pathlib
import subprocess
import tempfile

import numpy as np
from astropy.io import fits
from astropy.wcs import WCS

SIZE = 256
SIGMA_PX = 1.6
APERTURE_PX = 10
HERE = pathlib.Path(__file__).parent


def cards(ra, dec, crpix, scale_arcsec, angle_deg, flip, projection, distortion):
    angle = math.radians(angle_deg)
    s = scale_arcsec / 3600
    return {
        'CTYPE1': f'RA---{projection}',
        'CTYPE2': f'DEC--{projection}',
        'CRVAL1': ra,
        'CRVAL2': dec,
        'CRPIX1': crpix[0],
        'CRPIX2': crpix[1],
        'CD1_1': -s * math.cos(angle),
        'CD1_2': s * math.sin(angle) * flip,
        'CD2_1': s * math.sin(angle),
        'CD2_2': s * math.cos(angle) * flip,
        **distortion,
    }


INPUT = {
    # A cubic of 1.2 px at the corners, as TPV: 3.4e-4 degrees at 0.035 degrees from the middle.
    'tpv': cards(
        150.01, 2.205, (131.3, 120.7), 0.98, 17.0, 1, 'TPV',
        {'PV1_1': 1.0, 'PV1_7': 8.0, 'PV1_9': 8.0, 'PV2_1': 1.0, 'PV2_7': 8.0, 'PV2_9': 8.0},
    ),
    'tan': cards(150.0, 2.2, (128.9, 127.1), 1.0, -31.0, 1, 'TAN', {}),
}
OUTPUT = cards(150.0, 2.2, (128.5, 128.5), 1.0, 0.0, 1, 'TAN', {})


def draw_stars():
    """Places on a jittered lattice, so that apertures do not meet; fluxes from 1e4 to 1e5."""
    stars = []
    for j in range(6):
        for i in range(6):
            k = 6 * j + i
            stars.append([38 + 36 * i + (k * 0.37) % 1 * 4, 38 + 36 * j + (k * 0.61) % 1 * 4, 1e4 * (1 + k % 10)])
    return stars


def draw(stars):
    y, x = np.mgrid[:SIZE, :SIZE].astype(float)
    image = np.zeros((SIZE, SIZE))
    for sx, sy, flux in stars:
        square = (x - sx) ** 2 + (y - sy) ** 2
        image += flux / (2 * np.pi * SIGMA_PX**2) * np.exp(-square / (2 * SIGMA_PX**2))
    return image.astype(np.float32)


def swarp(folder, header):
    path = pathlib.Path(folder)
    hdu = fits.PrimaryHDU(draw(draw_stars()))
    for key, value in header.items():
        hdu.header[key] = value
    hdu.writeto(path / 'in.fits', overwrite=True)
    target = fits.Header()
    target['SIMPLE'] = True
    target['BITPIX'] = -32
    target['NAXIS'] = 2
    target['NAXIS1'] = SIZE
    target['NAXIS2'] = SIZE
    for key, value in OUTPUT.items():
        target[key] = value
    (path / 'coadd.head').write_text(target.tostring(sep='\n', padding=False) + '\nEND     \n')
    subprocess.run(
        [
            'SWarp', 'in.fits', '-IMAGEOUT_NAME', 'coadd.fits', '-WEIGHTOUT_NAME', 'weight.fits',
            '-RESAMPLING_TYPE', 'LANCZOS3', '-OVERSAMPLING', '1', '-SUBTRACT_BACK', 'N', '-FSCALE_KEYWORD', 'NONE',
            '-FSCALASTRO_TYPE', 'VARIABLE', '-PROJECTION_ERR', '0.001', '-COMBINE', 'Y', '-WEIGHT_TYPE', 'NONE',
            '-BLANK_BADPIXELS', 'N', '-WRITE_XML', 'N', '-VERBOSE_TYPE', 'QUIET', '-COPY_KEYWORDS', 'NONE',
        ],
        cwd=path,
        check=True,
    )
    return fits.getdata(path / 'coadd.fits').astype(float)


def measure(image, header):
    """Flux inside a circle about each star's place, pixels taken whole; stars whose circle is cut are left out."""
    source = fits.Header()
    for key, value in header.items():
        source[key] = value
    target = fits.Header()
    for key, value in OUTPUT.items():
        target[key] = value
    y, x = np.mgrid[:SIZE, :SIZE].astype(float)
    rows = []
    for k, (sx, sy, flux) in enumerate(draw_stars()):
        sky = WCS(source).all_pix2world([[sx, sy]], 0)
        px, py = WCS(target).all_world2pix(sky, 0)[0]
        if min(px, py) < APERTURE_PX + 4 or max(px, py) > SIZE - APERTURE_PX - 5:
            continue
        inside = (x - px) ** 2 + (y - py) ** 2 <= APERTURE_PX**2
        rows.append({'star': k, 'x': px, 'y': py, 'true': flux, 'flux': float(image[inside].sum())})
    return rows


def main():
    version = subprocess.run(['SWarp', '-v'], capture_output=True, text=True, check=True).stdout.strip()
    golden = {
        'tool': version,
        'size': SIZE,
        'sigmaPx': SIGMA_PX,
        'aperturePx': APERTURE_PX,
        'stars': draw_stars(),
        'output': OUTPUT,
        'cases': [],
    }
    for name, header in INPUT.items():
        with tempfile.TemporaryDirectory() as folder:
            image = swarp(folder, header)
        rows = measure(image, header)
        crops = []
        for row in rows[::7]:
            x0, y0 = round(row['x']) - 5, round(row['y']) - 5
            pixels = image[y0 : y0 + 11, x0 : x0 + 11].ravel()
            crops.append({'x0': x0, 'y0': y0, 'true': row['true'], 'pixels': [round(v, 2) for v in pixels]})
        print(name, len(rows), 'stars, rms', np.std([r['flux'] / r['true'] - 1 for r in rows]), np.mean([r['flux'] / r['true'] - 1 for r in rows]))
        golden['cases'].append({'name': name, 'input': header, 'stars': rows, 'crops': crops})
    (HERE / 'swarp.json').write_text(json.dumps(golden) + '\n')


main()
