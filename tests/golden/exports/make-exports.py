"""Read the exported tables with astropy and write what it finds: ASTRID_MAKE_GOLDEN=1 vitest run
core/app/export-table.test.ts writes the tables first. Usage: python3 make-exports.py"""
import glob, json, math, os, warnings
import astropy
from astropy.io import fits
from astropy.io.votable import parse
from astropy.table import Table

here = os.path.dirname(os.path.abspath(__file__))


def plain(value):
    if value is None or getattr(value, "mask", False) is True or str(value) == "--":
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bytes):
        value = value.decode()
    if isinstance(value, str):
        value = value.rstrip(" ")
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


found = {"_tool": f"astropy {astropy.__version__}"}
for path in sorted(glob.glob(f"{here}/*.vot") + glob.glob(f"{here}/*.fits")):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        if path.endswith(".vot"):
            table = parse(path, verify="exception").get_first_table().to_table()
        else:
            with fits.open(path) as hdus:
                hdus.verify("exception")
            table = Table.read(path, hdu=1)
    found[os.path.basename(path)] = {
        "warnings": [str(one.message) for one in told],
        "units": {name: str(table[name].unit) for name in table.colnames if table[name].unit is not None},
        "rows": [{name: plain(row[name]) for name in table.colnames} for row in table],
    }
with open(f"{here}/astropy.json", "w") as out:
    json.dump(found, out, indent=1, sort_keys=True)
    out.write("\n")
