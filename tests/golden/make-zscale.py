#!/usr/bin/python3
"""Make zscale.json: limits of seeded images by DS9's rules, and by astropy's for comparison.

Grid, rejection and growth are DS9's (fitsdata.C), written as set operations and least squares over what is
left instead of running sums. astropy's ZScaleInterval, given the same sample whole, grows rejections evenly
to both sides, so it agrees to a few percent only. The images are made by integer arithmetic, so that any
language can make them again.
"""
import json
import math
from pathlib import Path

import astropy
import numpy as np
from astropy.visualization import ZScaleInterval


def make_image(width, height, seed, stars, nan_box):
    """Sky of 1000 +- about 41, stars as Gaussians of sigma 2 px, an optional box of NaN."""
    n = width * height
    state = (np.arange(n, dtype=np.uint64) * 12 + np.uint64(seed)) & np.uint64(0xFFFFFFFF)
    total = np.zeros(n)
    for k in range(12):
        z = (state + np.uint64(k)) * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)
        z = (z ^ (z >> np.uint64(15))) * np.uint64(739982445) & np.uint64(0xFFFFFFFF)
        z = z ^ (z >> np.uint64(13))
        total += z.astype(float) / 2**32
    image = (1000 + 41 * (total - 6)).reshape(height, width)
    y, x = np.mgrid[:height, :width]
    for i in range(stars):
        cx, cy = (i * 7919 + seed) % width, (i * 104729 + seed) % height
        image += 20000 / (i + 1) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 8)
    if nan_box:
        image[: height // 4, : width // 3] = np.nan
    return image.astype(np.float32)


def ds9_sample(image):
    height, width = image.shape
    column_step = max(2, math.ceil(width / max(1, min(width, 120))))
    per_line = max(1, math.ceil(width / column_step))
    lines = max(5, min(height, math.ceil(600 / per_line)))
    line_step = max(2, height // lines)
    first = (line_step + 1) // 2
    sample = image[first - 1 : height - 1 : line_step, ::column_step].ravel()
    return sample[np.isfinite(sample)]


def ds9_limits(sample):
    values = np.sort(sample).astype(float)
    n = len(values)
    rank = np.arange(n) * 2 / (n - 1) - 1
    grow = max(1, round(0.01 * n))
    fewest = max(5, int(0.5 * n))
    good = np.ones(n, bool)
    quiet = np.ones(n, bool)
    slope, intercept = np.polyfit(rank, values, 1)
    for _ in range(5):
        before = good.sum()
        residual = values - (intercept + slope * rank)
        threshold = 2.5 * residual[good & quiet].std(ddof=1)
        for i in np.flatnonzero(good & (np.abs(residual) > threshold)):
            good[max(0, i - grow) : i + 1] = False
            quiet[i + 1 : i + grow] = False
        if good.sum() > 0:
            slope, intercept = np.polyfit(rank[good], values[good], 1)
        if good.sum() >= before or good.sum() < fewest:
            break
    if good.sum() < fewest:
        return values[0], values[-1]
    step = slope * 2 / (n - 1) / 0.25
    centre = max(1, (n + 1) // 2)
    median = np.median(values)
    return max(values[0], median - (centre - 1) * step), min(values[-1], median + (n - centre) * step)


CASES = [
    dict(width=512, height=512, seed=1, stars=60, nanBox=False),
    dict(width=2048, height=1000, seed=2, stars=40, nanBox=False),
    dict(width=1000, height=2048, seed=3, stars=5, nanBox=True),
    dict(width=63, height=63, seed=4, stars=1, nanBox=False),
    dict(width=300, height=17, seed=5, stars=2, nanBox=False),
    dict(width=121, height=241, seed=6, stars=0, nanBox=False),
]

results = []
for case in CASES:
    sample = ds9_sample(make_image(case["width"], case["height"], case["seed"], case["stars"], case["nanBox"]))
    interval = ZScaleInterval(len(sample), contrast=0.25, max_reject=0.5, min_npixels=5, krej=2.5, max_iterations=5)
    lo, hi = ds9_limits(sample)
    others = [float(limit) for limit in interval.get_limits(sample)]
    results.append({**case, "samples": len(sample), "lo": float(lo), "hi": float(hi), "astropy": others})

Path(__file__).with_name("zscale.json").write_text(
    json.dumps({"tool": f"numpy {np.__version__} by DS9's rules; astropy {astropy.__version__} ZScaleInterval", "cases": results}, indent=1) + "\n"
)
