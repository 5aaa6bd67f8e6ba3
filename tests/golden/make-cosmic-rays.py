#!/usr/bin/python3
"""Make cosmic-rays.json: what astroscrappy masks on the images of tests/parity/images.ts.

`npm run parity -- --live --write` writes the images and calls this; by hand, with Debian's python3-astroscrappy and
python3-astropy:
    /usr/bin/python3 tests/golden/make-cosmic-rays.py --images FOLDER --out tests/golden/cosmic-rays.json

Masks are written as the steps from one marked pixel to the next, row by row.
"""

import argparse
import json
import os

import astroscrappy
import numpy as np
from astropy.io import fits

# Electrons in one unit of the image, read noise and saturation, e-.
CAMERAS = {
    "gmos": (1.0, 6.5, 65536.0),
    "bulge": (1.0, 6.5, 65536.0),
    "survey": (1.6, 6.0, 86000.0),
    "hard": (1.6, 8.0, 86000.0),
}


def fingerprint(image):
    weights = np.arange(image.size) % 97 + 1
    return float(np.sum(image.ravel().astype(float) * weights))


def steps(mask):
    return np.diff(np.flatnonzero(mask), prepend=0).tolist()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    images = {}
    for name, (gain, read_noise, full) in CAMERAS.items():
        path = os.path.join(options.images, f"{name}.fits")
        if not os.path.exists(path):
            continue
        image = np.ascontiguousarray(fits.getdata(path).astype(np.float32))
        runs = []
        for separable in (True, False):
            for rounds in (1, 4):
                hits, clean = astroscrappy.detect_cosmics(
                    image * np.float32(gain),
                    readnoise=read_noise,
                    satlevel=full,
                    sepmed=separable,
                    niter=rounds,
                    cleantype="meanmask",
                    fsmode="median",
                )
                cleaned = clean.ravel()[np.flatnonzero(hits)].astype(float)
                runs.append(
                    {
                        "separable": separable,
                        "rounds": rounds,
                        "steps": steps(hits),
                        "cleaned": [float(f"{value:.6g}") for value in cleaned[::7]],
                    }
                )
        images[name] = {
            "fingerprint": fingerprint(image),
            "gainEPerUnit": gain,
            "readNoiseE": read_noise,
            "saturationE": full,
            "runs": runs,
        }
    golden = {"tool": f"astroscrappy {astroscrappy.__version__}", "images": images}
    with open(options.out, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
