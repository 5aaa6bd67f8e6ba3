"""Write kernels.json: what astroscrappy's filters make of a small noise image with cosmic rays.

Run: /usr/bin/python3 tests/golden/make-kernels.py
"""

import json
import pathlib

import astroscrappy
import numpy as np
from astroscrappy import utils

rng = np.random.default_rng(20)
plane = rng.normal(100, 10, (19, 23)).astype("f4")
plane[rng.integers(0, 19, 12), rng.integers(0, 23, 12)] += 400


def laplacian_positive(image):
    laplacian = utils.laplaceconvolve(utils.subsample(image))
    laplacian[laplacian < 0] = 0
    return utils.rebin(laplacian)


def numbers(image):
    return [float(value) for value in image.ravel()]


golden = {
    "madeBy": f"astroscrappy {astroscrappy.__version__}, numpy {np.__version__}",
    "width": 23,
    "height": 19,
    "plane": numbers(plane),
    "median": {k: numbers(getattr(utils, f"medfilt{k}")(plane)) for k in (3, 5, 7)},
    "separableMedian": {k: numbers(getattr(utils, f"sepmedfilt{k}")(plane)) for k in (5, 7, 9)},
    "laplacianPositive": numbers(laplacian_positive(plane)),
}
path = pathlib.Path(__file__).with_name("kernels.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
