"""Write what astropy reads from FITS files, for core/adapters/imaging's tests to agree with.

Usage: python3 tests/golden/make-fits.py   (from the repository root; needs numpy and astropy)

Makes tests/golden/fits/*.fits (small files of every compression option that the shared data lacks) and
tests/golden/fits.json (per file and HDU: kind, shape, some header values, statistics, sampled values).
"""

import glob
import json
import math
import os
import sys
import warnings

import astropy
import numpy as np
from astropy.io import fits

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
MADE = os.path.join(HERE, "fits")
SHARED = os.path.join(HERE, "..", "..", "..", "shared", "data")


def made_files():
    """Write one small file for each compression option; all seeded."""
    rng = np.random.default_rng(20240517)
    y, x = np.mgrid[0:37, 0:53]
    smooth = 1000 + 40 * np.sin(x / 7) + 25 * np.cos(y / 5)
    stars = sum(a * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / 6) for a, cx, cy in [(900, 12, 9), (300, 40, 25), (5000, 26, 18)])
    noisy = smooth + stars + rng.normal(0, 6, smooth.shape)
    floats = noisy.astype(np.float32)
    with_nan = floats.copy()
    with_nan[5:8, 10:14] = np.nan
    with_zero = floats.copy()
    with_zero[20:30, 3:9] = 0
    constant = floats.copy()
    constant[4] = 17.25
    ints = np.round(noisy).astype(np.int32)
    images = {
        "rice-u1": ((ints % 256).astype(np.uint8), dict(compression_type="RICE_1")),
        "rice-i2": ((ints - 1200).astype(np.int16), dict(compression_type="RICE_1")),
        "rice-u2": ((ints * 9).astype(np.uint16), dict(compression_type="RICE_1")),
        "rice-i4": (ints * 70001, dict(compression_type="RICE_1", tile_size=(17, 11))),
        "rice-u4": ((ints.astype(np.int64) * 700001).astype(np.uint32), dict(compression_type="RICE_1")),
        "rice-random": (rng.integers(-(2**31), 2**31 - 1, (20, 33)).astype(np.int32), dict(compression_type="RICE_1")),
        "gzip1-i2": ((ints - 1200).astype(np.int16), dict(compression_type="GZIP_1")),
        "gzip2-i2": ((ints - 1200).astype(np.int16), dict(compression_type="GZIP_2", tile_size=(20, 20))),
        "gzip2-i4": (ints * 70001, dict(compression_type="GZIP_2")),
        "gzip1-float-lossless": (with_nan, dict(compression_type="GZIP_1", quantize_level=0)),
        "gzip2-float-lossless": (with_nan, dict(compression_type="GZIP_2", quantize_level=0)),
        "gzip2-double-lossless": (noisy, dict(compression_type="GZIP_2", quantize_level=0)),
        "gzip1-float-dither1": (floats, dict(compression_type="GZIP_1", quantize_level=8, quantize_method=1, dither_seed=77)),
        "gzip2-float-dither2": (with_zero, dict(compression_type="GZIP_2", quantize_level=8, quantize_method=2, dither_seed=9999)),
        "rice-float-none": (floats, dict(compression_type="RICE_1", quantize_level=4, quantize_method=-1)),
        "rice-float-dither1": (floats, dict(compression_type="RICE_1", quantize_level=4, quantize_method=1, dither_seed=1234)),
        "rice-float-dither2": (with_zero, dict(compression_type="RICE_1", quantize_level=4, quantize_method=2, dither_seed=4321)),
        "rice-float-step": (floats, dict(compression_type="RICE_1", quantize_level=-0.5, quantize_method=1, dither_seed=10000)),
        "rice-float-constant-row": (constant, dict(compression_type="RICE_1", quantize_level=16, quantize_method=1, dither_seed=5)),
        "rice-double-dither1": (noisy, dict(compression_type="RICE_1", quantize_level=16, quantize_method=1, dither_seed=42, tile_size=(53, 7))),
        "hcompress-i2": ((ints - 1200).astype(np.int16), dict(compression_type="HCOMPRESS_1", tile_size=(53, 37))),
        "hcompress-i4": (ints * 70001, dict(compression_type="HCOMPRESS_1", tile_size=(23, 16))),
        "hcompress-u1": ((ints % 256).astype(np.uint8), dict(compression_type="HCOMPRESS_1", tile_size=(16, 8))),
        "hcompress-lossy": (ints.astype(np.int16), dict(compression_type="HCOMPRESS_1", hcomp_scale=4, tile_size=(53, 37))),
        "hcompress-smooth": (ints.astype(np.int16), dict(compression_type="HCOMPRESS_1", hcomp_scale=6, hcomp_smooth=1, tile_size=(53, 37))),
        "hcompress-smooth-i4": (ints * 64, dict(compression_type="HCOMPRESS_1", hcomp_scale=900, hcomp_smooth=1, tile_size=(30, 37))),
        "hcompress-float": (floats, dict(compression_type="HCOMPRESS_1", quantize_level=8, quantize_method=1, dither_seed=3, tile_size=(53, 37))),
        "hcompress-float-smooth": (floats, dict(compression_type="HCOMPRESS_1", hcomp_scale=2, hcomp_smooth=1, quantize_level=8, quantize_method=2, dither_seed=8, tile_size=(53, 19))),
        "plio-u2": ((ints // 300).astype(np.int16), dict(compression_type="PLIO_1")),
        "plio-i4": (np.where(stars > 400, ints * 1000, 0).astype(np.int32), dict(compression_type="PLIO_1")),
        "plio-tall": ((stars > 100).astype(np.uint8), dict(compression_type="PLIO_1", tile_size=(53, 37))),
        "rice-cube": (np.stack([ints, ints + 5, ints * 2]).astype(np.int16), dict(compression_type="RICE_1", tile_size=(20, 15, 2))),
        "gzip1-cube": (np.stack([floats, floats + 5]), dict(compression_type="GZIP_1", quantize_level=0)),
    }
    for name, (data, options) in images.items():
        hdu = fits.CompImageHDU(data, name="DATA", **options)
        hdu.header["OBJECT"] = name
        fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(os.path.join(MADE, f"{name}.fits"), overwrite=True)

    plain = {
        "plain-i8": (rng.integers(-128, 127, (5, 7)).astype(np.int8)),
        "plain-u8": (rng.integers(0, 2**63, (5, 7)).astype(np.uint64) * 2 + 1),
        "plain-u4": rng.integers(0, 2**32 - 1, (5, 7)).astype(np.uint32),
        "plain-k8": rng.integers(-(2**63), 2**63 - 1, (5, 7)),
        "plain-hypercube": rng.normal(size=(2, 3, 4, 5)),
    }
    for name, data in plain.items():
        fits.PrimaryHDU(data).writeto(os.path.join(MADE, f"{name}.fits"), overwrite=True)

    rows = 6
    columns = [
        fits.Column("logical", "L", array=rng.integers(0, 2, rows).astype(bool)),
        fits.Column("bits", "11X", array=rng.integers(0, 2, (rows, 11)).astype(bool)),
        fits.Column("byte", "B", array=rng.integers(0, 255, rows).astype(np.uint8)),
        fits.Column("short", "I", null=-7, array=np.array([1, -7, 3, 4, -5, 6], np.int16)),
        fits.Column("ushort", "I", bzero=32768, array=rng.integers(0, 65535, rows).astype(np.uint16)),
        fits.Column("int", "J", unit="adu", array=rng.integers(-(2**31), 2**31 - 1, rows).astype(np.int32)),
        fits.Column("uint", "J", bzero=2**31, array=rng.integers(0, 2**32 - 1, rows).astype(np.uint32)),
        fits.Column("long", "K", array=rng.integers(-(2**63), 2**63 - 1, rows)),
        fits.Column("float", "E", array=rng.normal(size=rows).astype(np.float32)),
        fits.Column("double", "D", array=np.array([1.5, np.nan, -np.inf, 0, 1e300, -1e-300])),
        fits.Column("scaled", "I", array=np.arange(rows, dtype=np.int16) - 2),
        fits.Column("string", "9A", array=["a", "", " b c ", "x" * 9, "it's", "end"]),
        fits.Column("strings", "12A", dim="(4,3)", array=np.array([["ab", "cd", "ef"]] * rows)),
        fits.Column("complex", "C", array=(rng.normal(size=rows) + 1j * rng.normal(size=rows)).astype(np.complex64)),
        fits.Column("dcomplex", "2M", array=rng.normal(size=(rows, 2)) + 1j * rng.normal(size=(rows, 2))),
        fits.Column("matrix", "6E", dim="(3,2)", array=rng.normal(size=(rows, 2, 3)).astype(np.float32)),
        fits.Column("vshort", "PI()", array=np.array([np.arange(i, dtype=np.int16) * 3 for i in range(rows)], dtype=object)),
        fits.Column("vdouble", "QD()", array=np.array([np.arange(i) * 1.5 for i in range(rows)][::-1], dtype=object)),
        fits.Column("vtext", "PA()", array=np.array(["one", "", "three", "4", "fünf".replace("ü", "u"), "six"], dtype=object)),
        fits.Column("vcomplex", "PC()", array=np.array([np.arange(i).astype(np.complex64) * 1j for i in range(rows)], dtype=object)),
        fits.Column("empty", "0D"),
    ]
    path = os.path.join(MADE, "table-all.fits")
    fits.HDUList([fits.PrimaryHDU(), fits.BinTableHDU.from_columns(columns, name="ALL")]).writeto(path, overwrite=True)
    # astropy 5.2 cannot write a scaled 16-bit column, so the scaling is put into the header afterwards.
    with open(path, "rb") as written:
        content = written.read()
    place = content.index(b"TTYPE12 ")
    cards = b"".join(f"{key:8s}= {value:>20}".ljust(80).encode() for key, value in [("TSCAL11", "0.5"), ("TZERO11", "100.0")])
    end = content.index(b"END".ljust(80), place)
    content = content[:place] + cards + content[place:end] + content[end : end + 80] + content[end + 80 + 160 :]
    with open(path, "wb") as written:
        written.write(content)
    ascii_columns = [
        fits.Column("id", "I6", array=np.arange(rows) * 1000 - 500, ascii=True),
        fits.Column("name", "A8", array=["alpha", "beta", "", "d e", "eps", "zeta"], ascii=True),
        fits.Column("fixed", "F10.4", array=rng.normal(size=rows), ascii=True),
        fits.Column("float", "E15.7", array=rng.normal(size=rows) * 1e-20, ascii=True),
        fits.Column("double", "D25.17", array=rng.normal(size=rows) * 1e100, ascii=True),
    ]
    fits.HDUList([fits.PrimaryHDU(), fits.TableHDU.from_columns(ascii_columns, name="TEXT")]).writeto(
        os.path.join(MADE, "table-ascii.fits"), overwrite=True
    )

    header = fits.Header()
    header["LONGSTR"] = "The quick brown fox jumps over the lazy dog, and it's not over yet; " * 3 + "end"
    header["HIERARCH ESO DET CHIP1 NAME"] = "a chip"
    header["HIERARCH ESO DET CHIP1 GAIN"] = 1.25
    header["BIGINT"] = 12345678901234567890123
    header["QUOTES"] = "it''s 'quoted'"
    header["EMPTY"] = ""
    header["COMPLEX"] = 1.5 - 2.5j
    header["UNDEF"] = None
    header["TRUTH"] = True
    header["SMALL"] = -1.25e-300
    header["COMMENT"] = "a comment " * 20
    header["HISTORY"] = "some history"
    fits.PrimaryHDU(header=header).writeto(os.path.join(MADE, "header-forms.fits"), overwrite=True, output_verify="silentfix")


def number(value):
    """A number as JSON can hold it."""
    if isinstance(value, (np.integer, int)):
        return int(value) if abs(int(value)) < 2**53 else str(int(value))
    value = float(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value


def image_record(data):
    flat = data.astype(np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    at = sorted({int(i) for i in np.linspace(0, flat.size - 1, 10)}) if flat.size else []
    # Weighted by place, so that exchanged pixels show.
    weights = (np.arange(flat.size) % 97 + 1)[np.isfinite(flat)]
    return {
        "finite": int(finite.size),
        "nan": int(np.isnan(flat).sum()),
        "min": number(finite.min()) if finite.size else None,
        "max": number(finite.max()) if finite.size else None,
        "sum": number(finite.sum()) if finite.size else None,
        "weighted": number((finite * weights).sum()) if finite.size else None,
        "samples": [[i, number(data.ravel()[i])] for i in at],
    }


def cell(value):
    if isinstance(value, (str, np.str_)):
        return str(value).rstrip()
    if isinstance(value, (bytes, np.bytes_)):
        return value.decode("latin1").rstrip()
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (complex, np.complexfloating)):
        return [number(value.real), number(value.imag)]
    if isinstance(value, np.ndarray) or hasattr(value, "__len__"):
        return [cell(each) for each in np.asarray(value).ravel()]
    return number(value)


def table_record(hdu):
    data = hdu.data
    rows = len(data)
    shown = sorted({0, rows // 2, rows - 1}) if rows else []
    columns = []
    for column in hdu.columns:
        record = {"name": column.name, "format": str(column.format)}
        try:
            record["cells"] = [cell(data.field(column.name)[row]) for row in shown]
            if str(column.format)[:2] in ("PL", "QL"):
                # astropy 5.2 leaves variable-length logicals as their bytes.
                record["cells"] = [[value == 84 for value in values] for values in record["cells"]]
        except Exception as error:
            record["error"] = type(error).__name__
        columns.append(record)
    return {"rows": rows, "shown": shown, "columns": columns}


# Keywords of the file's structure, not of a compressed image; beside them astropy's own reading of record-valued cards.
SKIPPED = ("CHECKSUM", "DATASUM", "ZDITHER0", "TFIELDS", "SIMPLE", "EXTEND", "XTENSION", "ZBLANK")


def header_record(header):
    cards = [card for card in header.cards if card.keyword not in ("", "COMMENT", "HISTORY", "CONTINUE")]
    seen = {}
    for card in cards:
        try:
            value = card.value
        except Exception:
            continue
        if card.keyword in seen or card.keyword in SKIPPED or "." in card.keyword:
            continue
        if isinstance(value, (bool, str)):
            seen[card.keyword] = value.rstrip() if isinstance(value, str) else value
        elif isinstance(value, (int, float)):
            seen[card.keyword] = number(value)
    keys = sorted(seen)
    picked = [keys[int(i)] for i in sorted({int(i) for i in np.linspace(0, len(keys) - 1, 14)})] if keys else []
    return {key: seen[key] for key in picked}


KINDS = {"CompImageHDU": "compressed-image", "BinTableHDU": "bintable", "TableHDU": "ascii-table", "GroupsHDU": "random-groups"}


def hdu_record(path, hdu):
    kind = KINDS.get(type(hdu).__name__, "image" if hdu.is_image else "unknown")
    record = {"kind": kind, "header": header_record(hdu.header)}
    if path.endswith("group_invalid.fits"):
        # astropy mends the missing axis of these groups.
        del record["header"]["NAXIS"], record["header"]["NAXIS1"]
    if kind in ("image", "compressed-image"):
        record["shape"] = list(hdu.shape)
        record["bitpix"] = int(hdu._bitpix if kind == "compressed-image" else hdu._orig_bitpix)
        if hdu.data is not None and hdu.data.size:
            data = np.asarray(hdu.data)
            if kind == "compressed-image" and record["bitpix"] > 0 and "BLANK" in hdu.header:
                # astropy 5.2 applies BLANK to plain images only.
                stored = (data.astype(np.float64) - hdu.header.get("BZERO", 0)) / hdu.header.get("BSCALE", 1)
                data = np.where(stored == hdu.header["BLANK"], np.nan, data)
            if os.path.basename(path).endswith("compressed_with_nan.fits"):
                # astropy 5.2 overlooks the keyword ZBLANK, which later versions obey.
                data[1, 1] = np.nan
            record["image"] = image_record(data)
    elif kind in ("bintable", "ascii-table"):
        record["table"] = table_record(hdu)
    return record


def file_record(path):
    try:
        with fits.open(path, memmap=False) as hdus:
            return {"hdus": [hdu_record(path, hdu) for hdu in hdus]}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"[:100]}


def main():
    os.makedirs(MADE, exist_ok=True)
    made_files()
    files = {}
    for folder, root in (("formats", SHARED), ("negative", SHARED)):
        for path in sorted(glob.glob(os.path.join(root, folder, "**", "*.f*"), recursive=True)):
            if os.path.isfile(path):
                files[os.path.relpath(path, root)] = file_record(path)
    made = {os.path.basename(path): file_record(path) for path in sorted(glob.glob(os.path.join(MADE, "*.fits")))}
    document = {
        "madeBy": f"tests/golden/make-fits.py with astropy {astropy.__version__}, numpy {np.__version__}, Python {sys.version.split()[0]}",
        "made": made,
        "shared": files,
    }
    with open(os.path.join(HERE, "fits.json"), "w") as out:
        out.write('{"madeBy":' + json.dumps(document["madeBy"]))
        for key in ("made", "shared"):
            lines = ",\n".join(json.dumps(name) + ":" + json.dumps(record, separators=(",", ":")) for name, record in document[key].items())
            out.write(f',\n"{key}":{{\n{lines}\n}}')
        out.write("}\n")


main()
