#!/usr/bin/python3
"""Make source-extractor.json: the catalogues of Source Extractor on the images of tests/parity/images.ts.

`npm run parity -- --live --write` writes the images and calls this; by hand, with Debian's source-extractor and
python3-astropy:
    /usr/bin/python3 tests/golden/make-source-extractor.py --images FOLDER --out tests/golden/source-extractor.json

Positions are made zero-based, angles radians.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

PARAMETERS = """
NUMBER X_IMAGE Y_IMAGE X2_IMAGE Y2_IMAGE XY_IMAGE A_IMAGE B_IMAGE THETA_IMAGE ISOAREA_IMAGE FLUX_ISO FLUX_MAX
FLUX_APER FLUXERR_APER KRON_RADIUS FLUX_AUTO FLUXERR_AUTO FLUX_RADIUS XWIN_IMAGE YWIN_IMAGE FLAGS
THRESHOLD BACKGROUND
""".split()
STEEPEST = 10.0
FILTER = "CONV NORM\n1 2 1\n2 4 2\n1 2 1\n"


def round_to(values, digits):
    return [float(f"{value:.{digits}g}") for value in np.asarray(values, dtype=float).ravel()]


def fingerprint(image):
    weights = np.arange(image.size) % 97 + 1
    return float(np.sum(image.ravel().astype(float) * weights))


def positions(table):
    return {"x": round_to(table["X_IMAGE"] - 1.0, 8), "y": round_to(table["Y_IMAGE"] - 1.0, 8)}


def catalogue(path, beta):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("out.param", "\n".join(PARAMETERS)), ("pyramid.conv", FILTER), ("empty.sex", "")):
            with open(os.path.join(folder, name), "w") as file:
                file.write(text + "\n")
        settings = {
            "CATALOG_NAME": "out.cat",
            "CATALOG_TYPE": "FITS_1.0",
            "PARAMETERS_NAME": "out.param",
            "FILTER_NAME": "pyramid.conv",
            "DETECT_MINAREA": 5,
            "DETECT_THRESH": 1.5,
            "ANALYSIS_THRESH": 1.5,
            "DEBLEND_NTHRESH": 32,
            "DEBLEND_MINCONT": 0.005,
            # Without cleaning an object is measured before the neighbours below it are found, and takes their light.
            "CLEAN": "N" if beta is None else "Y",
            "CLEAN_PARAM": beta or 1.0,
            "MASK_TYPE": "CORRECT",
            "PHOT_APERTURES": 10,
            "PHOT_AUTOPARAMS": "2.5,3.5",
            "SATUR_LEVEL": 1e9,
            "SATUR_KEY": "NONE",
            "GAIN": 2.0,
            "GAIN_KEY": "NONE",
            "BACK_SIZE": 64,
            "BACK_FILTERSIZE": 3,
            "BACKPHOTO_TYPE": "GLOBAL",
            "MEMORY_OBJSTACK": 20000,
            "MEMORY_PIXSTACK": 2000000,
            "MEMORY_BUFSIZE": 2048,
            "VERBOSE_TYPE": "QUIET",
        }
        command = ["source-extractor", os.path.abspath(path), "-c", "empty.sex"]
        for key, value in settings.items():
            command += [f"-{key}", str(value)]
        subprocess.run(command, cwd=folder, check=True)
        with fits.open(os.path.join(folder, "out.cat")) as hdus:
            return np.array(hdus[1].data)


def record(path):
    # The steepest profile cleans next to nothing.
    table = catalogue(path, STEEPEST)
    return {
        "fingerprint": fingerprint(fits.getdata(path).astype(np.float32)),
        "threshold": float(table["THRESHOLD"][0]),
        "columns": {
            "x": round_to(table["X_IMAGE"] - 1.0, 8),
            "y": round_to(table["Y_IMAGE"] - 1.0, 8),
            "x2": round_to(table["X2_IMAGE"], 7),
            "y2": round_to(table["Y2_IMAGE"], 7),
            "xy": round_to(table["XY_IMAGE"], 7),
            "a": round_to(table["A_IMAGE"], 6),
            "b": round_to(table["B_IMAGE"], 6),
            "theta": round_to(np.radians(table["THETA_IMAGE"]), 6),
            "area": table["ISOAREA_IMAGE"].astype(int).tolist(),
            "isophotal": round_to(table["FLUX_ISO"], 7),
            "peak": round_to(table["FLUX_MAX"], 7),
            "circle": round_to(table["FLUX_APER"], 7),
            "circleErr": round_to(table["FLUXERR_APER"], 7),
            "kron": round_to(table["KRON_RADIUS"], 6),
            "auto": round_to(table["FLUX_AUTO"], 7),
            "autoErr": round_to(table["FLUXERR_AUTO"], 7),
            "half": round_to(table["FLUX_RADIUS"], 6),
            "xwin": round_to(table["XWIN_IMAGE"] - 1.0, 8),
            "ywin": round_to(table["YWIN_IMAGE"] - 1.0, 8),
            "flags": table["FLAGS"].astype(int).tolist(),
            "background": round_to(table["BACKGROUND"], 7),
        },
        "cleaned": positions(catalogue(path, 1.0)),
        "uncleaned": positions(catalogue(path, None)),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    version = subprocess.run(["source-extractor", "--version"], capture_output=True, text=True).stdout
    images = {}
    for name in ("classic", "bulge", "survey", "hard"):
        path = os.path.join(options.images, f"{name}.fits")
        if os.path.exists(path):
            images[name] = record(path)
    golden = {"tool": f"source-extractor {re.search(r'[0-9]+[.][0-9.]+', version).group()}", "images": images}
    with open(options.out, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
