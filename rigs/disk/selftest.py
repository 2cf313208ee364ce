"""Take the power from a program that writes with and without syncs, and look at what is left."""

import os
import random
import subprocess
import sys
from pathlib import Path

from disk.diary import Disk, entries

PROGRAM = """
import os, sys
os.chdir(sys.argv[1])
with open("synced", "wb") as file:
    file.write(b"a" * 3000)
    file.flush()
    os.fsync(file.fileno())
    os.pwrite(file.fileno(), b"b" * 3000, 1000)
with open("new", "wb") as file:
    file.write(b"c" * 2000)
    file.flush()
    os.fsync(file.fileno())
os.replace("new", "named")
os.truncate("named", 2000)
"""

IMAGES = 200

folder = Path(sys.argv[1])
watched = (folder / "watched").resolve()
watched.mkdir()
under = os.environ | {
    "LD_PRELOAD": str(folder / "disk.so"),
    "DISK_FOLDER": str(watched),
    "DISK_DIARY": str(folder / "diary"),
}
subprocess.run([sys.executable, "-c", PROGRAM, str(watched)], env=under, check=True)
disk = Disk(watched)
for entry in entries(folder / "diary"):
    disk.feed(entry)
live = disk.everything()
for name in ("synced", "named"):
    if live[str(watched / name)] != (watched / name).read_bytes():
        sys.exit(f"failed  {name} is not what the diary says")
images = [disk.image(random.Random(seed)) for seed in range(IMAGES)]
for image in images:
    contents = {Path(name).name: content for name, content in image.items()}
    synced = contents["synced"]
    if synced[:1000] != b"a" * 1000 or not set(synced) <= set(b"ab\0") or len(synced) < 3000:
        sys.exit(f"failed  a sync is undone: {synced!r}")
    if contents.get("new", contents.get("named")) != b"c" * 2000:
        sys.exit("failed  the file of a synchronised content is neither here nor there")
print(f"ok      what was synchronised is there after each of {IMAGES} losses of power")
kinds = {
    "whole": any(image == live for image in images),
    "missing": any(image[str(watched / "synced")] == b"a" * 3000 for image in images),
    "half": any(0 < image[str(watched / "synced")][1000:].count(b"b") < 3000 for image in images),
    "renamed": any(str(watched / "named") in image for image in images),
    "not renamed": any(str(watched / "new") in image for image in images),
}
if not all(kinds.values()):
    sys.exit(
        f"failed  these never happened: {[kind for kind, is_seen in kinds.items() if not is_seen]}"
    )
print("ok      what was not is whole, half there, or missing")
