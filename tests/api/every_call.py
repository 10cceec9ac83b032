"""Shows that the api tests call every exported function.

usage: every_call.py NM SYMBOL_MAP PROGRAM...

The map lists what the library exports, `nm -u` what the programs ask it for.
"""

import re
import subprocess
import sys


def exported(path):
    with open(path, encoding="utf-8") as symbol_map:
        return set(re.findall(r"^\s*(wildcam_\w+);", symbol_map.read(), re.M))


def called(nm, programs):
    names = set()
    for program in programs:
        listing = subprocess.run([nm, "-u", program], check=True, capture_output=True, text=True)
        names.update(re.findall(r"\b(wildcam_\w+)", listing.stdout))
    return names


def main(nm, symbol_map, *programs):
    names = exported(symbol_map)
    missing = sorted(names - called(nm, programs))
    for name in missing:
        print(f"no test calls {name}")
    print(f"{len(names) - len(missing)} of {len(names)} exported functions are called")
    return 1 if missing or not names else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
