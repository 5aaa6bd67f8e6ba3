"""Time what this Python has of the kernels' peers, on one thread; JSON of [kernel, peer, median wall ms, cpu ms] on stdout.

Called by kernels.ts: python3 kernels-peers.py SIZE REPEAT
"""

import json
import os
import sys
import time

# One thread, as ours: set before the libraries read it.
os.environ["OMP_NUM_THREADS"] = "1"

import numpy as np

size, repeat = int(sys.argv[1]), int(sys.argv[2])
plane = np.random.default_rng(1).normal(1000, 30, (size, size)).astype("f4")
results = []


def measure(kernel, peer, work):
    work()
    wall, cpu = [], []
    for _ in range(repeat):
        start, before = time.perf_counter(), time.process_time()
        work()
        wall.append((time.perf_counter() - start) * 1e3)
        cpu.append((time.process_time() - before) * 1e3)
    results.append([kernel, peer, sorted(wall)[repeat // 2], sorted(cpu)[repeat // 2]])


try:
    import scipy
    import scipy.fft
    import scipy.ndimage

    peer = f"scipy {scipy.__version__}"
    spectrum = scipy.fft.rfft2(plane)
    measure("rfft2", peer, lambda: scipy.fft.rfft2(plane))
    measure("irfft2", peer, lambda: scipy.fft.irfft2(spectrum, plane.shape))
    taps = np.ones(15, "f4")
    measure("convolve 5x5", peer, lambda: scipy.ndimage.convolve(plane, np.ones((5, 5), "f4"), mode="nearest"))
    measure(
        "convolveSeparable 15",
        peer,
        lambda: scipy.ndimage.convolve1d(scipy.ndimage.convolve1d(plane, taps, axis=1), taps, axis=0),
    )
except ImportError:
    pass

try:
    import pyfftw

    peer = f"pyfftw {pyfftw.__version__}"
    source = pyfftw.empty_aligned(plane.shape, "float32")
    target = pyfftw.empty_aligned((size, size // 2 + 1), "complex64")
    forward = pyfftw.FFTW(source, target, axes=(0, 1), flags=("FFTW_MEASURE",), threads=1)
    backward = pyfftw.FFTW(target, source, axes=(0, 1), direction="FFTW_BACKWARD", flags=("FFTW_MEASURE",), threads=1)
    source[:] = plane
    measure("rfft2", peer, forward.execute)
    measure("irfft2", peer, backward.execute)
except ImportError:
    pass

try:
    import astroscrappy
    from astroscrappy import utils

    peer = f"astroscrappy {astroscrappy.__version__} (OpenMP: 1)"
    for k in (3, 5, 7):
        measure(f"medianFilter {k}", peer, lambda k=k: getattr(utils, f"medfilt{k}")(plane))
    for k in (5, 7, 9):
        measure(f"separableMedian {k}", peer, lambda k=k: getattr(utils, f"sepmedfilt{k}")(plane))

    def laplacian():
        image = utils.laplaceconvolve(utils.subsample(plane))
        image[image < 0] = 0
        return utils.rebin(image)

    measure("laplacianPositive", peer, laplacian)
except ImportError:
    pass

measure("selectMedian", f"numpy {np.__version__}", lambda: np.median(plane))
swapped = plane.byteswap()
measure("decode float32", f"numpy {np.__version__}", lambda: swapped.byteswap())
json.dump(results, sys.stdout)
