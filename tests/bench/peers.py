"""The peers' side of `npm run bench -- --peers`: one process for one peer of one stage.

Reads one JSON document a line: {"do": "list"}, {"do": "prepare", "stage", "peer", "folder", "size"}, {"do": "run"};
answers each with one line. Started by peers.ts.
"""

import ctypes
import ctypes.util
import json
import os
import re
import shutil
import subprocess
import sys
import time

CORES = len(os.sched_getaffinity(0))
os.environ["OMP_NUM_THREADS"] = str(CORES)

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import zogy_reference

children = {"cpu": 0.0, "peak": 0}


def program(arguments, cwd):
    """Run a program and note its processor time and largest memory."""
    process = subprocess.Popen(arguments, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    message = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"{arguments[0]}: {message.decode(errors='replace')[-400:]}")
    children["cpu"] += usage.ru_utime + usage.ru_stime
    children["peak"] = max(children["peak"], usage.ru_maxrss // 1024)


def version_of(arguments):
    try:
        output = subprocess.run(arguments, capture_output=True, text=True, timeout=20)
        found = re.search(r"\d+(\.\d+)+", output.stdout + output.stderr)
        return found.group(0) if found else "unknown version"
    except (OSError, subprocess.TimeoutExpired):
        return None


def library(name):
    try:
        return __import__(name).__version__
    except ImportError:
        return None


def load_cfitsio():
    name = ctypes.util.find_library("cfitsio")
    if name is None:
        return None, None
    cfitsio = ctypes.CDLL(name)
    number = ctypes.c_float()
    cfitsio.ffvers(ctypes.byref(number))
    return cfitsio, f"{number.value:.3f}"


cfitsio, cfitsio_version = load_cfitsio()
SEX = next((name for name in ("source-extractor", "sex") if shutil.which(name)), None)
SWARP = next((name for name in ("SWarp", "swarp") if shutil.which(name)), None)
HOTPANTS = shutil.which("hotpants")
VERSIONS = {
    "cfitsio": cfitsio_version,
    "fitsio": library("fitsio"),
    "astropy": library("astropy"),
    "sep": library("sep"),
    "source-extractor": version_of([SEX, "-v"]) if SEX else None,
    "astroscrappy": library("astroscrappy"),
    "astroalign": library("astroalign"),
    "SWarp": version_of([SWARP, "-v"]) if SWARP else None,
    "photutils": library("photutils"),
    "scipy": library("scipy"),
    "pyfftw": library("pyfftw"),
    "hotpants": "on PATH" if HOTPANTS else None,
    "numpy": np.__version__,
}


def read_cfitsio(path, size):
    file, status, blank = ctypes.c_void_p(), ctypes.c_int(0), ctypes.c_int(0)
    cfitsio.ffiopn(ctypes.byref(file), path.encode(), 0, ctypes.byref(status))
    out = np.empty((size, size), "f4")
    pixels = out.ctypes.data_as(ctypes.c_void_p)
    cfitsio.ffgpv(
        file, 42, ctypes.c_longlong(1), ctypes.c_longlong(size * size), None, pixels, ctypes.byref(blank), ctypes.byref(status)
    )
    cfitsio.ffclos(file, ctypes.byref(status))
    if status.value != 0:
        raise RuntimeError(f"cfitsio says {status.value} of {path}")
    return out


def read_astropy(path, _size=None):
    from astropy.io import fits

    with fits.open(path) as file:
        return next(hdu.data for hdu in file if hdu.data is not None).astype("f4")


def read_fitsio(path, _size=None):
    import fitsio

    return fitsio.read(path).astype("f4")


READERS = {"cfitsio": read_cfitsio, "astropy": read_astropy, "fitsio": read_fitsio}


def extract_sep(image, kind="matched", measures=False):
    import sep

    background = sep.Background(image)
    science = image - background.back()
    rms = background.rms()
    found = sep.extract(science, 1.5, err=rms, filter_type=kind)
    if measures:
        x, y, a, b, theta = (found[name] for name in ("x", "y", "a", "b", "theta"))
        good = (b > 0) & np.isfinite(a) & np.isfinite(theta)
        x, y, a, b, theta = x[good], y[good], a[good], b[good], np.clip(theta[good], -np.pi / 2, np.pi / 2)
        kron, _ = sep.kron_radius(science, x, y, a, b, theta, 6.0)
        flux, _, _ = sep.sum_ellipse(science, x, y, a, b, theta, np.maximum(2.5 * kron, 3.5), err=rms, subpix=5)
        radius, _ = sep.flux_radius(science, x, y, 6.0 * a, 0.5, normflux=flux, subpix=5)
        sep.winpos(science, x, y, np.maximum(2 / 2.35 * np.nan_to_num(radius, nan=1.0), 0.5), subpix=11)
    return science, rms, found


def run_sextractor(folder):
    work = os.path.join(folder, "sextractor")
    os.makedirs(work, exist_ok=True)
    names = "X_IMAGE Y_IMAGE XWIN_IMAGE YWIN_IMAGE A_IMAGE B_IMAGE THETA_IMAGE FLUX_AUTO FLUXERR_AUTO KRON_RADIUS FLUX_RADIUS FWHM_IMAGE FLUX_MAX FLAGS"
    with open(os.path.join(work, "peers.param"), "w") as out:
        out.write("\n".join(names.split()) + "\n")
    with open(os.path.join(work, "peers.conv"), "w") as out:
        out.write("CONV NORM\n1 2 1\n2 4 2\n1 2 1\n")
    arguments = [SEX, os.path.join(folder, "float32.fits"), "-c", "/dev/null", "-PARAMETERS_NAME", "peers.param"]
    arguments += ["-FILTER_NAME", "peers.conv", "-CATALOG_NAME", "peers.cat", "-CATALOG_TYPE", "FITS_1.0"]
    arguments += ["-DETECT_THRESH", "1.5", "-ANALYSIS_THRESH", "1.5", "-VERBOSE_TYPE", "QUIET"]
    return lambda: program(arguments, work)


def scrap(image):
    import astroscrappy

    return astroscrappy.detect_cosmics(image, gain=1.0, readnoise=6.5, satlevel=65536.0, sepmed=True, niter=4)


def run_swarp(folder, size):
    """Bring the template onto the science grid, background left alone, by the headers' coordinates."""
    from astropy.io import fits
    from astropy.wcs import WCS

    work = os.path.join(folder, "swarp")
    os.makedirs(work, exist_ok=True)
    science = fits.getheader(os.path.join(folder, "science.fits"))
    header = WCS(science).to_header()
    header["NAXIS1"] = header["NAXIS2"] = size
    with open(os.path.join(work, "out.head"), "w") as out:
        out.write("\n".join(repr(header).split("\n")) + "\nEND\n")
    template = fits.open(os.path.join(folder, "template.fits"))
    fits.writeto(
        os.path.join(work, "template.fits"), template[0].data.astype("f4"), WCS(template[0].header).to_header(), overwrite=True
    )
    arguments = [SWARP, "template.fits", "-c", "/dev/null", "-IMAGEOUT_NAME", "out.fits", "-SUBTRACT_BACK", "N"]
    arguments += ["-RESAMPLING_TYPE", "LANCZOS3", "-WRITE_XML", "N", "-VERBOSE_TYPE", "QUIET", "-NTHREADS", str(CORES)]
    return lambda: program(arguments, work)


def align(science, template):
    import astroalign

    return astroalign.find_transform(template, science, max_control_points=50)


def load_plane(folder, name, size):
    return np.fromfile(os.path.join(folder, f"{name}.f32"), "<f4").reshape(size, size)


def load_pair(folder, size):
    with open(os.path.join(folder, "pair.json")) as file:
        facts = json.load(file)
    names = ("science", "template", "scienceVariance", "templateVariance")
    planes = [load_plane(folder, name, size) for name in names]
    stamps = [np.array(facts[name], "f4").reshape(facts["psfSize"], facts["psfSize"]) for name in ("sciencePsf", "templatePsf")]
    return planes, stamps, facts


def pick_fft(peer):
    if peer.startswith("pyfftw"):
        import pyfftw
        import pyfftw.interfaces.scipy_fft as fft

        pyfftw.config.PLANNER_EFFORT = "FFTW_MEASURE"
        pyfftw.interfaces.cache.enable()
        pyfftw.interfaces.cache.set_keepalive_time(600)
        return fft
    import scipy.fft as fft

    return fft


def run_zogy(folder, size, peer):
    planes, stamps, facts = load_pair(folder, size)
    fft = pick_fft(peer)
    sigmas = facts["scienceSigma"], facts["templateSigma"]

    def work():
        if "as much" in peer:
            zogy_reference.subtract_fully(*planes, *stamps, *sigmas, 0.03, 0.03, fft, CORES)
        else:
            zogy_reference.subtract(*planes, *stamps, *sigmas, fft, CORES)

    def finish():
        """Once more in double precision, as the oracle for ours."""
        if peer != "scipy" or size > 2048:
            return
        doubles = [array.astype("f8") for array in [*planes, *stamps]]
        exact = zogy_reference.subtract(*doubles, *sigmas, fft, CORES, floor=1e-3)
        for name, plane in zip(("difference", "score", "flux"), exact):
            plane.astype("<f4").tofile(os.path.join(folder, f"reference-{name}.f32"))

    return work, finish


def run_hotpants(folder, size):
    from astropy.io import fits

    planes, _, _ = load_pair(folder, size)
    work = os.path.join(folder, "hotpants")
    os.makedirs(work, exist_ok=True)
    for name, plane in zip(("science", "template"), planes):
        fits.writeto(os.path.join(work, f"{name}.fits"), plane, overwrite=True)
    arguments = [HOTPANTS, "-inim", "science.fits", "-tmplim", "template.fits", "-outim", "difference.fits"]
    arguments += ["-ko", "2", "-il", "-1000", "-tl", "-1000", "-c", "t", "-n", "i", "-v", "0"]
    return lambda: program(arguments, work)


def run_apertures(folder, size):
    import sep

    image, variance = load_plane(folder, "science", size), load_plane(folder, "scienceVariance", size)
    positions = np.fromfile(os.path.join(folder, "positions.f64"), "<f8").reshape(-1, 2)
    radius = 1.5 * json.load(open(os.path.join(folder, "pair.json")))["fwhmPx"]
    return lambda: sep.sum_circle(image, positions[:, 0], positions[:, 1], radius, var=variance, subpix=5)


def run_photutils(folder, size):
    from photutils.aperture import CircularAperture, aperture_photometry

    image, variance = load_plane(folder, "science", size), load_plane(folder, "scienceVariance", size)
    positions = np.fromfile(os.path.join(folder, "positions.f64"), "<f8").reshape(-1, 2)
    radius = 1.5 * json.load(open(os.path.join(folder, "pair.json")))["fwhmPx"]
    error = np.sqrt(variance)
    return lambda: aperture_photometry(image, CircularAperture(positions, radius), error=error)


def run_line(folder, size):
    """Files to candidates with the peers' means: the point-spread functions are given, which ours has to measure."""
    import sep

    _, stamps, facts = load_pair(folder, size)
    fft = pick_fft("pyfftw" if VERSIONS["pyfftw"] else "scipy")
    resample = None if VERSIONS["astroalign"] else run_swarp(folder, size)
    gain = facts["gainEPerAdu"]

    def work():
        images = [read_astropy(os.path.join(folder, f"{name}.fits")) * np.float32(gain) for name in ("science", "template")]
        _, images[0] = scrap(images[0])
        (science, rms, _), (template, template_rms, _) = (extract_sep(np.ascontiguousarray(image)) for image in images)
        if resample is None:
            import astroalign

            transform, _ = align(science, template)
            moved, _ = astroalign.apply_transform(transform, template, science)
        else:
            resample()
            moved = read_astropy(os.path.join(folder, "swarp", "out.fits")) * np.float32(gain)
            moved -= sep.Background(moved).back()
        moved = np.nan_to_num(moved).astype("f4") * np.float32(facts["fluxRatio"])
        sn, sr = float(np.median(rms)), float(np.median(template_rms)) * facts["fluxRatio"]
        vn = rms * rms + np.maximum(science, 0)
        vr = (template_rms * np.float32(facts["fluxRatio"])) ** 2 + np.maximum(moved, 0)
        _, score, _ = zogy_reference.subtract(science, moved, vn, vr, *stamps, sn, sr, fft, CORES)
        return [sep.extract(np.ascontiguousarray(sign * score), 5.0, filter_kernel=None, minarea=1) for sign in (1, -1)]

    sep.set_extract_pixstack(10_000_000)
    return work


def prepare(stage, peer, folder, size):
    """The work to be timed, and what is to be done once after it."""
    if stage in ("read-float32", "read-rice"):
        path = os.path.join(folder, "float32.fits" if stage == "read-float32" else "rice.fits")
        return (lambda: READERS[peer](path, size)), None
    if stage == "extract":
        if peer == "source-extractor":
            return run_sextractor(folder), None
        image = read_astropy(os.path.join(folder, "float32.fits"))
        kind = "conv" if "convolution" in peer else "matched"
        return (lambda: extract_sep(image, kind, "measured" in peer)), None
    if stage == "cosmic-rays":
        image = read_astropy(os.path.join(folder, "float32.fits"))
        return (lambda: scrap(image)), None
    if stage == "register":
        resample = run_swarp(folder, size)
        if peer == "SWarp":
            return resample, None
        planes, _, _ = load_pair(folder, size)
        template = read_astropy(os.path.join(folder, "template.fits"))
        return (lambda: (align(planes[0], template), resample())), None
    if stage == "zogy":
        return run_zogy(folder, size, peer)
    if stage == "alard-lupton":
        return run_hotpants(folder, size), None
    if stage == "forced":
        return (run_apertures if peer == "sep" else run_photutils)(folder, size), None
    if stage == "line":
        return run_line(folder, size), None
    raise ValueError(stage)


def write_inputs(folder):
    """The science image as float32 and as Rice-compressed sixteen-bit integers, as fpack writes them."""
    from astropy.io import fits

    pixels = fits.getdata(os.path.join(folder, "science.fits"))
    fits.writeto(os.path.join(folder, "float32.fits"), pixels.astype("f4"), overwrite=True)
    packed = fits.CompImageHDU(np.clip(pixels, 0, 32767).astype("i2"), compression_type="RICE_1")
    fits.HDUList([fits.PrimaryHDU(), packed]).writeto(os.path.join(folder, "rice.fits"), overwrite=True)


def memory(name):
    with open("/proc/self/status") as status:
        return int(re.search(rf"{name}:\s+(\d+)", status.read()).group(1)) // 1024


def timed(work):
    children.update(cpu=0.0, peak=0)
    try:
        with open("/proc/self/clear_refs", "w") as out:
            out.write("5")
    except OSError:
        pass
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return {"wallS": wall, "cpuS": cpu + children["cpu"], "peakMiB": max(memory("VmHWM"), children["peak"])}


work = finish = None
np.seterr(all="ignore")
for line in sys.stdin:
    request = json.loads(line)
    try:
        answer = {}
        if request["do"] == "list":
            answer = {"versions": VERSIONS}
        elif request["do"] == "write":
            write_inputs(request["folder"])
        elif request["do"] == "prepare":
            work, finish = prepare(request["stage"], request["peer"], request["folder"], request["size"])
        elif request["do"] == "run":
            answer = timed(work)
        elif request["do"] == "finish" and finish:
            finish()
        print(json.dumps(answer), flush=True)
    except Exception as error:  # noqa: BLE001 - one peer's failure is a line of the table
        print(json.dumps({"error": f"{type(error).__name__}: {error}"[:300]}), flush=True)
