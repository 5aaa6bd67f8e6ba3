#!/usr/bin/env python3
"""Write zogy.json and zogy.bin: ZOGY in float64 after the paper's equations, for the differencing tests.

    python3 tests/golden/make-zogy.py

Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27: eq. 13 (D), 15 (F_D), 12 (S), 25-29 (S_corr and its variances),
41-43 (flux). Transforms are circular. The PSFs are lopsided on purpose: a lost conjugate or a flipped axis shows.

The paper's D has no meaning at frequencies where both PSFs vanish (it divides zero by zero, and PSFs that were measured
give a random phase there). AstrID leads both PSFs to the same small number there, so that D is a plain sum. D is written
as the paper has it, and with that one change.
"""
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
N = 96
STAMP = 21
rng = np.random.default_rng(20160501)


def lopsided_psf(fwhm, ellipticity, angle, skew):
    """Elliptical Gaussian with a weaker, displaced companion; unit sum, centre of light not at the middle."""
    half = STAMP // 2
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(float)
    sigma = fwhm / 2.3548
    u = x * np.cos(angle) + y * np.sin(angle)
    v = -x * np.sin(angle) + y * np.cos(angle)
    main = np.exp(-(u**2 / (1 + ellipticity) + v**2 / (1 - ellipticity)) / (2 * sigma**2))
    side = np.exp(-((x - skew) ** 2 + (y - 0.5 * skew) ** 2) / (2 * (1.3 * sigma) ** 2))
    psf = main + 0.15 * side
    return psf / psf.sum()


def embed(psf):
    plane = np.zeros((N, N))
    half = STAMP // 2
    plane[:STAMP, :STAMP] = psf
    return np.roll(plane, (-half, -half), (0, 1))


def convolve(a, b):
    return np.fft.irfft2(np.fft.rfft2(a) * np.fft.rfft2(b), s=(N, N))


psf_n = lopsided_psf(2.6, 0.10, 0.4, 1.0).astype(np.float32).astype(float)
psf_r = lopsided_psf(2.1, 0.05, 1.9, -0.8).astype(np.float32).astype(float)
sigma_n, sigma_r = 12.0, 9.0
sky = np.zeros((N, N))
for _ in range(40):
    sky[rng.integers(N), rng.integers(N)] += 300 * rng.uniform() ** -1.2
new = np.zeros((N, N))
new[30, 60] = 900.0
new[70, 20] = -700.0
mean_n = convolve(np.maximum(sky + new, 0), embed(psf_n))
mean_r = convolve(np.maximum(sky, 0), embed(psf_r))
vn = sigma_n**2 + np.maximum(mean_n, 0)
vr = sigma_r**2 + np.maximum(mean_r, 0)
n = (mean_n + np.sqrt(vn) * rng.normal(size=(N, N))).astype(np.float32).astype(float)
r = (mean_r + np.sqrt(vr) * rng.normal(size=(N, N))).astype(np.float32).astype(float)
vn = vn.astype(np.float32).astype(float)
vr = vr.astype(np.float32).astype(float)

Pn, Pr = np.fft.fft2(embed(psf_n)), np.fft.fft2(embed(psf_r))
Fn = Fr = 1.0
den = sigma_n**2 * Fr**2 * abs(Pr) ** 2 + sigma_r**2 * Fn**2 * abs(Pn) ** 2
NN, RR = np.fft.fft2(n), np.fft.fft2(r)
F_D = Fr * Fn / np.sqrt(sigma_n**2 * Fr**2 + sigma_r**2 * Fn**2)
D_paper = np.fft.ifft2((Fr * Pr * NN - Fn * Pn * RR) / np.sqrt(den)).real / F_D
FLOOR = 1e-3
lift = FLOOR * np.exp(-(abs(Pn) ** 2 + abs(Pr) ** 2) / (2 * FLOOR**2))
Ln, Lr = Pn + lift, Pr + lift
D = np.fft.ifft2((Lr * NN - Ln * RR) / np.sqrt(sigma_n**2 * abs(Lr) ** 2 + sigma_r**2 * abs(Ln) ** 2)).real / F_D
kn = Fn * Fr**2 * np.conj(Pn) * abs(Pr) ** 2 / den
kr = Fr * Fn**2 * np.conj(Pr) * abs(Pn) ** 2 / den
S = np.fft.ifft2(kn * NN - kr * RR).real
square = lambda k: np.fft.fft2(np.fft.ifft2(k).real ** 2)
V = np.fft.ifft2(np.fft.fft2(vn) * square(kn) + np.fft.fft2(vr) * square(kr)).real
F_S = float(np.mean(abs(Pn) ** 2 * abs(Pr) ** 2 * Fn**2 * Fr**2 / den))

planes = {
    "science": n,
    "template": r,
    "scienceVariance": vn,
    "templateVariance": vr,
    "difference": D,
    "differenceOfPaper": D_paper,
    "score": S / np.sqrt(V),
    "flux": S / F_S,
}
stamps = {"sciencePsf": psf_n, "templatePsf": psf_r}
with open(os.path.join(HERE, "zogy.bin"), "wb") as out:
    for values in [*planes.values(), *stamps.values()]:
        out.write(values.astype("<f4").tobytes())
with open(os.path.join(HERE, "zogy.json"), "w") as out:
    json.dump(
        {
            "madeBy": f"numpy {np.__version__} in float64, tests/golden/make-zogy.py",
            "layout": "little-endian float32, row-major, one array after the other",
            "size": N,
            "planes": list(planes),
            "stampSize": STAMP,
            "stamps": list(stamps),
            "scienceSigma": sigma_n,
            "templateSigma": sigma_r,
            "fluxScale": F_S,
        },
        out,
        indent=2,
    )
    out.write("\n")
