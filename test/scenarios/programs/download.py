"""Downloads what an index lists, as apt-get download does: download.py BASE_URL DIRECTORY

The index has a line for each file: SHA256 SIZE NAME. Files are fetched side by side into NAME.part, checked against
their sum, brought to the disk and renamed.
"""

import concurrent.futures
import gzip
import hashlib
import os
import sys
import urllib.request


def fetch(base, directory, line):
    digest, size, name = line.split()
    part = os.path.join(directory, name + ".part")
    seen = hashlib.sha256()
    with urllib.request.urlopen(base + name, timeout=30) as response, open(part, "wb") as out:
        while chunk := response.read(1 << 16):
            seen.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if seen.hexdigest() != digest or os.stat(part).st_size != int(size):
        raise SystemExit(f"{name}: hash sum mismatch")
    os.chmod(part, 0o644)
    os.rename(part, os.path.join(directory, name))
    return name


def main():
    base, directory = sys.argv[1:]
    with urllib.request.urlopen(base + "Packages.gz", timeout=30) as response:
        index = gzip.decompress(response.read()).decode().splitlines()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for name in pool.map(lambda line: fetch(base, directory, line), index):
            print("fetched", name)


main()
