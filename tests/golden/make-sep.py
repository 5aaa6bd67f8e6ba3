#!/usr/bin/python3
"""Make sep.json: what SEP measures on the images of tests/parity/images.ts.

`npm run parity -- --live --write` writes the images and calls this; by hand, with Debian's python3-sep and
python3-astropy:
    /usr/bin/python3 tests/golden/make-sep.py --images FOLDER --out tests/golden/sep.json
"""

import argparse
import json
import os

import numpy as np
import sep
from astropy.io import fits

STEP = 16
SCALARS = {"thresholdSigma": 1.5, "minAreaPx": 5}


def round_to(values, digits):
    return [float(f"{value:.{digits}g}") for value in np.asarray(values, dtype=float).ravel()]


def read(folder, name):
    path = os.path.join(folder, f"{name}.fits")
    return np.ascontiguousarray(fits.getdata(path).astype(np.float32)) if os.path.exists(path) else None


def fingerprint(image):
    weights = np.arange(image.size) % 97 + 1
    return float(np.sum(image.ravel().astype(float) * weights))


def background(image, mesh, size):
    result = sep.Background(image, bw=mesh, bh=mesh, fw=size, fh=size)
    return {
        "meshPx": mesh,
        "filterMeshes": size,
        "level": round_to(result.back()[::STEP, ::STEP], 8),
        "rms": round_to(result.rms()[::STEP, ::STEP], 7),
        "medianLevel": float(result.globalback),
        "medianRms": float(result.globalrms),
    }


def turned_draws(above, threshold, objects):
    """Blends' wings are shared by a draw in raster order: turn the image and other numbers are drawn."""
    height, width = above.shape
    samples = []
    for turn in range(4):
        for mirror in (False, True):
            view = np.rot90(above, turn)
            view = np.ascontiguousarray(view[:, ::-1] if mirror else view)
            found = sep.extract(view, threshold, minarea=5, deblend_nthresh=32, deblend_cont=0.005, clean=False)
            if len(found) != len(objects):
                return None
            x, y = found["x"].copy(), found["y"].copy()
            if mirror:
                x = view.shape[1] - 1 - x
            # rot90 by one sends (x, y) to (y, width - 1 - x): turn back.
            side = {0: (width, height), 1: (height, width), 2: (width, height), 3: (height, width)}[turn]
            for step in range(turn):
                x, y = side[1] - 1 - y, x
                side = (side[1], side[0])
            order = []
            for ox, oy in zip(objects["x"], objects["y"]):
                order.append(int(np.argmin((x - ox) ** 2 + (y - oy) ** 2)))
            if len(set(order)) != len(order):
                return None
            samples.append(np.array([[found[name][k] for name in ("npix", "flux", "cflux")] + [found["x2"][k] + found["y2"][k]] for k in order]))
    return np.array(samples)


def catalogue(image):
    """Extract over a constant sky and threshold, so that nothing but the extraction is compared."""
    measured = sep.Background(image)
    sky = float(np.float32(round(measured.globalback, 1)))
    rms = round(measured.globalrms, 2)
    above = image - np.float32(sky)
    options = dict(minarea=5, deblend_nthresh=32, deblend_cont=0.005)
    objects = sep.extract(above, 1.5 * rms, clean=False, **options)
    cleaned = sep.extract(above, 1.5 * rms, clean=True, **options)
    py, px = np.mgrid[: image.shape[0], : image.shape[1]]
    noise = (rms * (1 + 0.2 * np.sin(px / 150) * np.cos(py / 170))).astype(np.float32)
    bad = (px * 7919 + py * 104729) % 257 == 0
    x, y, a, b, theta = (objects[name] for name in ("x", "y", "a", "b", "theta"))
    kron, kron_flag = sep.kron_radius(above, x, y, a, b, theta, 6.0)
    usable = (kron_flag == 0) & (kron > 0)
    scale = np.where(usable, 2.5 * kron, 1.0)
    auto, auto_err, auto_flag = sep.sum_ellipse(above, x, y, a, b, theta, scale, err=rms, gain=2.0, subpix=0)
    sampled, _, _ = sep.sum_ellipse(above, x, y, a, b, theta, scale, subpix=5)
    usable &= auto > 0
    half, half_flag = sep.flux_radius(above, x, y, 6.0 * a, 0.5, normflux=np.where(usable, auto, 1.0), subpix=5)
    fifth, _ = sep.flux_radius(above, x, y, 6.0 * a, 0.2, normflux=np.where(usable, auto, 1.0), subpix=5)
    circle, circle_err, circle_flag = sep.sum_circle(above, x, y, 5.0, err=rms, gain=2.0, subpix=0)
    _, noise_err, _ = sep.sum_circle(above, x, y, 5.0, err=noise, gain=2.0, subpix=0)
    ring, _, _ = sep.sum_circann(above, x, y, 6.0, 10.0, subpix=0)
    sigma = np.where(usable, np.maximum(2 / 2.35 * half, 1.0), 1.0)
    xwin, ywin, win_flag = sep.winpos(above, x, y, sigma)
    draws = turned_draws(above, 1.5 * rms, objects)
    blended = (objects["flag"] & 1).astype(int)
    columns = {
        "npix": objects["npix"].tolist(),
        "blended": blended.tolist(),
        "truncated": ((objects["flag"] & 2) // 2).tolist(),
        "xpeak": objects["xpeak"].tolist(),
        "ypeak": objects["ypeak"].tolist(),
        "x": round_to(x, 8),
        "y": round_to(y, 8),
        "x2": round_to(objects["x2"], 7),
        "y2": round_to(objects["y2"], 7),
        "xy": round_to(objects["xy"], 7),
        "a": round_to(a, 7),
        "b": round_to(b, 7),
        "theta": round_to(theta, 7),
        "cxx": round_to(objects["cxx"], 7),
        "cyy": round_to(objects["cyy"], 7),
        "cxy": round_to(objects["cxy"], 7),
        "flux": round_to(objects["flux"], 7),
        "cflux": round_to(objects["cflux"], 7),
        "peak": round_to(objects["peak"], 7),
        "cpeak": round_to(objects["cpeak"], 7),
        "usable": usable.astype(int).tolist(),
        "kron": round_to(np.nan_to_num(kron), 7),
        "auto": round_to(np.nan_to_num(auto), 8),
        "autoErr": round_to(np.nan_to_num(auto_err), 7),
        "autoTruncated": ((auto_flag & 0x10) // 0x10).tolist(),
        "sampledAuto": round_to(np.nan_to_num(sampled), 8),
        "half": round_to(np.nan_to_num(half), 7),
        "fifth": round_to(np.nan_to_num(fifth), 7),
        "circle": round_to(circle, 8),
        "circleErr": round_to(circle_err, 8),
        "circleErrMap": round_to(noise_err, 8),
        "circleTruncated": ((circle_flag & 0x10) // 0x10).tolist(),
        "ring": round_to(ring, 8),
        "sigma": round_to(sigma, 8),
        "xwin": round_to(xwin, 8),
        "ywin": round_to(ywin, 8),
        "winFlag": win_flag.astype(int).tolist(),
    }
    if draws is not None:
        for k, name in enumerate(("npix", "flux", "cflux", "size")):
            columns[f"{name}Mean"] = round_to(draws[:, :, k].mean(axis=0), 7)
            columns[f"{name}Std"] = round_to(draws[:, :, k].std(axis=0, ddof=1), 4)
    # SEP counts in sigma of the filtered image, which the pyramid makes sqrt(sum K^2) = 0.375 of a pixel's; its blends
    # are cut from another level than their footprints, so footprints are compared whole.
    matched = sep.extract(
        above, 1.5 / 0.375, err=noise, mask=bad, filter_type="matched", clean=False, minarea=5, deblend_cont=1.0
    )
    plain = sep.extract(above, 1.5, err=noise, filter_type="conv", clean=False, **options)
    return {
        "sky": sky,
        "rms": rms,
        "columns": columns,
        "cleaned": {"x": round_to(cleaned["x"], 8), "y": round_to(cleaned["y"], 8)},
        "matched": {"x": round_to(matched["x"], 7), "y": round_to(matched["y"], 7), "npix": matched["npix"].tolist()},
        "noiseMap": {"x": round_to(plain["x"], 7), "y": round_to(plain["y"], 7), "npix": plain["npix"].tolist()},
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    sep.set_extract_pixstack(2_000_000)
    sep.set_sub_object_limit(10_000)
    images = {}
    for name in ("classic", "bulge", "survey", "hard"):
        image = read(options.images, name)
        if image is None:
            continue
        images[name] = {
            "fingerprint": fingerprint(image),
            "backgrounds": [background(image, 64, 3), background(image, 32, 5), background(image, 50, 1)],
            "catalogue": catalogue(image),
        }
    golden = {"tool": f"sep {sep.__version__}", "step": STEP, **SCALARS, "images": images}
    with open(options.out, "w") as file:
        json.dump(golden, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
