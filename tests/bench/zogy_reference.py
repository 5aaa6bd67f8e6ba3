"""ZOGY in NumPy after the paper's equations, as a peer to be timed and an oracle that shares no line with ours.

Zackay, Ofek & Gal-Yam 2016, ApJ 830, 27: eq. 13-15 (D and its flux scale), 12 (S), 25-29 (S_corr), 41-43 (flux).
Whole image at once, circular transforms, in the precision of the images; `fft` is scipy.fft or pyfftw's copy of it.
"""

import numpy as np


def embed(psf, shape):
    """Lay an odd stamp of unit sum into a plane, its centre at pixel (0, 0)."""
    plane = np.zeros(shape, psf.dtype)
    height, width = psf.shape
    plane[:height, :width] = psf
    return np.roll(plane, (-(height // 2), -(width // 2)), (0, 1))


def subtract(
    science, template, science_variance, template_variance, science_psf, template_psf, sn, sr, fft, workers, floor=None
):
    """D / F_D, S_corr and flux of `science` - `template`, which are on one flux scale.

    The paper's D divides zero by zero at frequencies where both PSFs vanish. With a `floor` both are led to it there, as
    AstrID does, so that D is a plain sum.
    """
    shape = science.shape
    options = {"workers": workers} if workers else {}
    forward = lambda plane: fft.rfft2(plane, **options)
    inverse = lambda spectrum: fft.irfft2(spectrum, s=shape, **options)
    pn, pr = forward(embed(science_psf, shape)), forward(embed(template_psf, shape))
    pn2, pr2 = np.abs(pn) ** 2, np.abs(pr) ** 2
    single = science.dtype.type
    den = single(sn**2) * pr2 + single(sr**2) * pn2
    n, r = forward(science), forward(template)
    f_d = 1 / np.sqrt(sn**2 + sr**2)
    ln, lr, led = pn, pr, den
    if floor:
        lift = floor * np.exp(-(pn2 + pr2) / (2 * floor**2))
        ln, lr = pn + lift, pr + lift
        led = single(sn**2) * np.abs(lr) ** 2 + single(sr**2) * np.abs(ln) ** 2
    difference = inverse((lr * n - ln * r) / np.sqrt(led)) / single(f_d)
    kn, kr = np.conj(pn) * pr2 / den, np.conj(pr) * pn2 / den
    score = inverse(kn * n - kr * r)
    square = lambda k: forward(inverse(k) ** 2)
    variance = inverse(forward(science_variance) * square(kn) + forward(template_variance) * square(kr))
    # The mean over all frequencies, of which half are stored.
    weight = np.full(shape[1] // 2 + 1, 2.0)
    weight[0] = 1
    if shape[1] % 2 == 0:
        weight[-1] = 1
    f_s = float(np.sum((pn2 * pr2 / den) * weight) / (shape[0] * shape[1]))
    return difference, score / np.sqrt(variance), score / single(f_s)


def slopes(plane):
    """Squared central differences along x and y, circular."""
    along, across = np.empty_like(plane), np.empty_like(plane)
    np.subtract(plane[:, 2:], plane[:, :-2], out=along[:, 1:-1])
    along[:, 0], along[:, -1] = plane[:, 1] - plane[:, -1], plane[:, 0] - plane[:, -2]
    np.subtract(plane[2:], plane[:-2], out=across[1:-1])
    across[0], across[-1] = plane[1] - plane[-1], plane[0] - plane[-2]
    along *= along
    across *= across
    return along, across


def subtract_fully(
    science, template, science_variance, template_variance, science_psf, template_psf, sn, sr, sx, sy, fft, workers
):
    """What ours gives of every pixel: also the variance of D, the astrometric noise of S_corr (eq. 30-31, in both images)
    and the error of the flux."""
    shape = science.shape
    options = {"workers": workers} if workers else {}
    forward = lambda plane: fft.rfft2(plane, **options)
    inverse = lambda spectrum: fft.irfft2(spectrum, s=shape, **options)
    pn, pr = forward(embed(science_psf, shape)), forward(embed(template_psf, shape))
    pn2, pr2 = np.abs(pn) ** 2, np.abs(pr) ** 2
    single = science.dtype.type
    den = single(sn**2) * pr2 + single(sr**2) * pn2
    n, r = forward(science), forward(template)
    whitening = single(np.sqrt(sn**2 + sr**2)) / np.sqrt(den)
    dn, dr = pr * whitening, pn * whitening
    difference = inverse(dn * n - dr * r)
    kn, kr = np.conj(pn) * pr2 / den, np.conj(pr) * pn2 / den
    score_n, score_r = inverse(kn * n), inverse(kr * r)
    square = lambda k: forward(inverse(k) ** 2)
    vn, vr = forward(science_variance), forward(template_variance)
    noise = inverse(vn * square(kn) + vr * square(kr))
    variance = inverse(vn * square(dn) + vr * square(dr))
    for score in (score_n, score_r):
        along, across = slopes(score)
        noise += single(sx**2 / 8) * along
        noise += single(sy**2 / 8) * across
    sigma = np.sqrt(noise)
    weight = np.full(shape[1] // 2 + 1, 2.0)
    weight[0] = 1
    if shape[1] % 2 == 0:
        weight[-1] = 1
    f_s = single(np.sum((pn2 * pr2 / den) * weight) / (shape[0] * shape[1]))
    score = score_n - score_r
    return difference, variance, score / sigma, score / f_s, sigma / f_s
