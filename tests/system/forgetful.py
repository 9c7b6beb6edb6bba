"""A data directory on a disk that forgets what was not synced (forgetful_disk.cc).

    disk = ForgetfulDisk(daemon)
    daemon.environment = disk.environment()
    ...
    daemon.kill()
    disk.cut_power()
"""

import os
import pathlib
import shutil

from conftest import ENVIRONMENT, TLSRPTD

LIBRARY = pathlib.Path(TLSRPTD).parent / "libforgetful_disk.so"
# What a disk writes as a whole or not at all; a page of the spool is two of them.
BLOCK_BYTES = 4096


class ForgetfulDisk:
    """Of the files directly in the daemon's data directory; those that are there now are
    durable."""

    def __init__(self, daemon):
        assert LIBRARY.exists(), f"{LIBRARY} is not there; build it"
        self.folder = daemon.data_dir
        self.keep = daemon.base / "durable"
        self._remember()

    def environment(self, lies=False, die=None):
        """`lies`: it says that it has synced, and has not. `die`: "FILE:COUNT", before
        the COUNT-th write into FILE."""
        made = dict(ENVIRONMENT, LD_PRELOAD=str(LIBRARY),
                    FORGETFUL_FOLDER=str(self.folder))
        if not lies:
            made["FORGETFUL_KEEP"] = str(self.keep)
        if die:
            made["FORGETFUL_DIE"] = die
        return made

    def cut_power(self, rng=None):
        """What was not synced is gone; with `rng`, some of it is there all the same, in
        any order, as a disk may write early and what it likes first. Which files had
        something to lose."""
        durable = dict(reversed(line.split(" ", 1)) for line in
                       (self.keep / "names").read_text().splitlines())
        now = {path.name: path for path in self._files()}
        lost = set()
        for name in durable.keys() | now.keys():
            inode = durable.get(name)
            kept = self.keep / inode if inode else None
            before = kept.read_bytes() if kept and kept.exists() else b""
            after = now[name].read_bytes() if name in now else before
            if inode and before == after:
                continue
            lost.add(name)
            if inode or (rng and rng.random() < 0.5):
                self._leave(name, mixed(before, after, rng))
            else:
                now[name].unlink()
        self._remember()
        return lost

    def _files(self):
        return [path for path in self.folder.iterdir()
                if path.is_file() and not path.is_symlink()]

    def _remember(self):
        shutil.rmtree(self.keep, ignore_errors=True)
        self.keep.mkdir()
        self.keep.chmod(0o777)  # the daemon may run as somebody else
        names = []
        for path in self._files():
            inode = path.stat().st_ino
            names.append(f"{inode} {path.name}\n")
            shutil.copy(path, self.keep / str(inode))
        (self.keep / "names").write_text("".join(names))

    def _leave(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        owner = self.folder.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def blocks(data):
    return [data[at:at + BLOCK_BYTES] for at in range(0, len(data), BLOCK_BYTES)]


def mixed(before, after, rng):
    if rng is None:
        return before
    length = rng.choice([len(before), len(after)])
    old, new = before.ljust(length, b"\0"), after.ljust(length, b"\0")
    return b"".join(rng.choice(pair) for pair in
                    zip(blocks(old[:length]), blocks(new[:length])))
