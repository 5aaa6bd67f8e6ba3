#!/usr/bin/python3
"""Write wcs.json: pixels and their ICRS positions by wcslib (through astropy), with the header cards they follow from.

Usage: make-wcs.py [folder with FITS files ...]
Real headers come from the folders given; the synthetic ones cross every projection with every way to write the
matrix, with the poles, the RA = 0 meridian, LONPOLE, LATPOLE, swapped axes and frames.
Positions of non-ICRS headers are brought to ICRS with ERFA and astropy.coordinates; FK5 J2000 is taken for ICRS.
"""
import glob, json, math, os, re, sys, warnings

import astropy, erfa, numpy as np
from astropy import units as u
from astropy.coordinates import FK4, FK5, SkyCoord
from astropy.coordinates.builtin_frames.utils import EQUINOX_B1950
from astropy.io import fits
from astropy.wcs import WCS, _wcs

warnings.filterwarnings("ignore")
CODES = "TAN TPV SIN NCP STG ZEA ARC ZPN CAR CEA MER SFL GLS AIT".split()
KEY = re.compile(
    r"^(WCSAXES|NAXIS[12]?|C(TYPE|UNIT|RPIX|RVAL|DELT|ROTA)[12]|(PC|CD)([12]_[12]|00[12]00[12])|PV[12]_\d+|LONPOLE|"
    r"LATPOLE|RADESYS|RADECSYS|EQUINOX|EPOCH|[AB]P?_(ORDER|\d_\d))$")


def to_icrs(lon, lat, header, system):
    if system == "GLON":
        ra, dec = erfa.g2icrs(np.radians(lon), np.radians(lat))
        return np.degrees(ra), np.degrees(dec)
    equinox = header.get("EQUINOX", header.get("EPOCH"))
    frame = header.get("RADESYS", header.get("RADECSYS"))
    if not frame:
        frame = "ICRS" if equinox is None else "FK4" if equinox < 1984 else "FK5"
    frame = frame.strip().upper()
    if frame == "FK4":
        c = SkyCoord(lon * u.deg, lat * u.deg, frame=FK4(equinox=EQUINOX_B1950, obstime=EQUINOX_B1950)).transform_to(FK5(equinox="J2000"), merge_attributes=False)
        return c.ra.deg, c.dec.deg
    if frame == "FK5" and equinox not in (None, 2000):
        c = SkyCoord(lon * u.deg, lat * u.deg, frame=FK5(equinox="J%r" % equinox)).transform_to(FK5(equinox="J2000"), merge_attributes=False)
        return c.ra.deg, c.dec.deg
    return lon, lat


def case(name, header, width, height, grid=5):
    types = [str(header.get("CTYPE%d" % i, "")) for i in (1, 2)]
    match = [re.match(r"^(RA|DEC|GLON|GLAT)-+([A-Z]{3})(-SIP)?$", t) for t in types]
    if not all(match) or match[0].group(2) not in CODES:
        return None
    clean = fits.Header()
    for card in header.cards:
        if KEY.match(card.keyword):
            clean[card.keyword] = card.value
    clean["NAXIS"], clean["NAXIS1"], clean["NAXIS2"] = 2, width, height
    if "WCSAXES" in clean:
        clean["WCSAXES"] = 2
    oracle = clean.copy()
    if "PV1_5" in clean and "A_ORDER" not in clean:
        # SCAMP writes TPV under the name TAN; wcslib 7.12 wants the name.
        for axis in (1, 2):
            oracle["CTYPE%d" % axis] = oracle["CTYPE%d" % axis].replace("-TAN", "-TPV")
    elif "PV1_5" in clean:
        # SCAMP's PV beside SIP would correct twice: astropy's own rule (WCS._fix_scamp) is to drop PV.
        for key in [k for k in clean if re.match(r"PV[12]_", k)]:
            del oracle[key]
    wcs = WCS(oracle)
    x, y = np.meshgrid(np.linspace(0, width - 1, grid), np.linspace(0, height - 1, grid))
    x, y = x.ravel(), y.ravel()
    world = wcs.all_pix2world(np.column_stack([x, y]), 0)
    back = wcs.wcs_world2pix(wcs.wcs_pix2world(np.column_stack([x, y]), 0), 0)
    lon, lat = world[:, wcs.wcs.lng], world[:, wcs.wcs.lat]
    fine = np.isfinite(lon) & np.isfinite(lat) & (np.hypot(back[:, 0] - x, back[:, 1] - y) < 1e-3)
    if not fine.any():
        return None
    x, y, lon, lat = x[fine], y[fine], lon[fine], lat[fine]
    ra, dec = to_icrs(lon, lat, header, "GLON" if "GL" in types[0] else "RA")
    return {
        "name": name,
        "cards": [[c.keyword, c.value] for c in clean.cards if not c.keyword.startswith("NAXIS")],
        "pixels": [[float(a), float(b)] for a, b in zip(x, y)],
        "sky": [[float(a) % 360.0, float(b)] for a, b in zip(ra, dec)],
    }


def real(folders):
    cases, seen = [], set()
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*"), recursive=True)):
            if not os.path.isfile(path) or "/negative/" in path:
                continue
            if not re.search(r"\.(fits|fit|fts|fz)(\.gz)?$", path):
                continue
            try:
                with fits.open(path) as hdus:
                    for index, hdu in enumerate(hdus[:4]):
                        width = hdu.header.get("ZNAXIS1", hdu.header.get("NAXIS1", 0)) or 100
                        height = hdu.header.get("ZNAXIS2", hdu.header.get("NAXIS2", 0)) or 100
                        made = case("%s[%d]" % (os.path.basename(path), index), hdu.header, width, height)
                        key = made and json.dumps(made["cards"])
                        if made and key not in seen:
                            seen.add(key)
                            cases.append(made)
            except (OSError, TypeError, ValueError) as error:
                print("skipped", path, error, file=sys.stderr)
    return cases


def synthetic():
    cases = []
    centres = [(150.1, 2.5), (0.001, -30.2), (359.9995, 12.0), (45.0, 89.99), (10.0, -90.0), (200.0, 90.0), (83.6, 22.0)]
    poles = [{}, {"LONPOLE": 0.0}, {"LONPOLE": 137.0}, {"LONPOLE": 90.0, "LATPOLE": -20.0}, {"LONPOLE": 180.0, "LATPOLE": 40.0}]
    parameters = {
        "SIN": [{}, {"PV2_1": 0.12, "PV2_2": -0.31}],
        "ZPN": [{"PV2_1": 1.0, "PV2_3": 42.0}, {"PV2_1": 0.975, "PV2_2": -0.807, "PV2_3": 0.337, "PV2_4": -0.065}, {"PV2_1": 1.0}],
        "CEA": [{}, {"PV2_1": 0.5}],
        "ARC": [{}, {"PV1_0": 1.0, "PV1_1": 20.0, "PV1_2": 70.0}],
        "CAR": [{}, {"PV1_0": 1.0, "PV1_1": 10.0, "PV1_2": 15.0}, {"PV1_1": 5.0, "PV1_2": -10.0}],
        "TPV": [{"PV1_0": 1e-4, "PV1_1": 1.01, "PV1_2": 2e-3, "PV1_3": 1e-3, "PV1_4": 4e-3, "PV1_5": -3e-3, "PV1_6": 1e-3,
                 "PV1_7": -0.02, "PV1_9": -0.021, "PV1_11": 2e-3, "PV1_17": 1e-3, "PV1_22": 1e-3, "PV1_23": 5e-4, "PV1_39": 1e-3, "PV1_38": 2e-3,
                 "PV2_0": -2e-4, "PV2_1": 0.99, "PV2_2": -2e-3, "PV2_3": 7e-4, "PV2_4": 3e-3, "PV2_10": 0.01, "PV2_16": 2e-3, "PV2_30": 1e-3, "PV2_31": 1e-3}],
    }
    count = 0
    for code in "TAN SIN STG ZEA ARC ZPN CAR CEA MER SFL AIT TPV".split():
        wide = code in ("CAR", "CEA", "MER", "SFL", "AIT", "ARC", "ZEA", "STG")
        for form in ("CD", "PC", "CROTA"):
            for scale in ((3e-4, 1.5) if wide else (3e-4,)):
                for centre in centres:
                    extra = parameters.get(code, [{}])[count % len(parameters.get(code, [{}]))]
                    pole = {} if code == "TPV" or any(k.startswith("PV1_") for k in extra) else poles[count % len(poles)]
                    count += 1
                    header = fits.Header()
                    swap = count % 7 == 0 and code != "TPV"
                    names = ("DEC", "RA") if swap else ("RA", "DEC")
                    for axis, name in enumerate(names, 1):
                        header["CTYPE%d" % axis] = "%s%s" % (name.ljust(4, "-") + "-", code)
                        header["CRVAL%d" % axis] = centre[0 if name == "RA" else 1]
                        header["CRPIX%d" % axis] = 61.3 + axis
                    angle = math.radians(37.0 * count % 360)
                    c, s = math.cos(angle), math.sin(angle)
                    dx, dy = (-scale if count % 3 else scale), scale * 1.01
                    if form == "CROTA":
                        header["CDELT1"], header["CDELT2"] = dx, dy
                        header["CROTA%d" % (1 if swap else 2)] = math.degrees(angle)
                    elif form == "PC":
                        header["CDELT1"], header["CDELT2"] = dx, dy
                        header["PC1_1"], header["PC1_2"], header["PC2_1"], header["PC2_2"] = c, -s * 1.02, s, c
                    else:
                        header["CD1_1"], header["CD1_2"], header["CD2_1"], header["CD2_2"] = dx * c, -dy * s, dx * s, dy * c
                    for key, value in {**pole, **extra}.items():
                        if swap and key.startswith("PV2"):
                            key = "PV1" + key[3:]
                        elif swap and key.startswith("PV1"):
                            key = "PV2" + key[3:]
                        header[key] = value
                    header["RADESYS"] = "ICRS"
                    try:
                        made = case("%s %s scale %g centre %s #%d" % (code, form, scale, centre, count), header, 128, 100, 4)
                    except (_wcs.InvalidTransformError, _wcs.InvalidSubimageSpecificationError, ValueError, _wcs.InconsistentAxisTypesError) as error:
                        made = None
                    if made:
                        cases.append(made)
    frames = [("RA---TAN", "DEC--TAN", {"RADESYS": "FK4", "EQUINOX": 1950.0}), ("RA---TAN", "DEC--TAN", {"EPOCH": 1950.0}),
              ("RA---SIN", "DEC--SIN", {"RADESYS": "FK5", "EQUINOX": 1975.0}), ("RA---TAN", "DEC--TAN", {"EQUINOX": 2015.5}),
              ("GLON-CAR", "GLAT-CAR", {}), ("GLON-TAN", "GLAT-TAN", {}), ("GLAT-AIT", "GLON-AIT", {})]
    for first, second, extra in frames:
        for lon, lat in ((266.4, -28.9), (0.0005, 61.0), (123.0, 88.0)):
            if first.startswith("GLAT"):
                lon, lat = lat, lon % 90
            header = fits.Header()
            header["CTYPE1"], header["CTYPE2"] = first, second
            header["CRVAL1"], header["CRVAL2"], header["CRPIX1"], header["CRPIX2"] = lon, lat, 64.5, 50.5
            header["CDELT1"], header["CDELT2"] = -0.01, 0.01
            header.update(extra)
            made = case("%s %s %s" % (first, extra, (lon, lat)), header, 128, 100, 4)
            if made:
                cases.append(made)
    return cases


out = {
    "tool": "astropy %s, wcslib %s, ERFA %s, by make-wcs.py" % (astropy.__version__, _wcs.__version__, erfa.__version__),
    "real": real(sys.argv[1:]),
    "synthetic": synthetic(),
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "wcs.json")
with open(path, "w") as file:
    file.write(json.dumps(out).replace('{"name"', '\n{"name"') + "\n")
print(len(out["real"]), "real,", len(out["synthetic"]), "synthetic;", os.path.getsize(path), "bytes")
