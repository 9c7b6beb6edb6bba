"""What disks do: forget what was not synced, fill up, go read-only. Nothing acknowledged
is missing afterwards, and nothing counts twice."""

import shutil
import signal
import subprocess

import pytest

from conftest import AS_ROOT, ENVIRONMENT, LONG, Daemon, wait_until
from forgetful import ForgetfulDisk
from load import Load, assert_exactly_once
from recount import differences

CUTS = 20 if LONG else 4
# A kill falls after so many further mails at most.
MAILS_BEFORE_CUT = 150
# What was in hand at a cut is looked at alone afterwards, one after the other: a slow
# machine with many of them is busy for minutes.
PAUSE_SECONDS = 0.05
# Small, so that the log is copied into the file each mebibyte of it.
SMALL = ("--spool-quota", "16MiB")


def whole(daemon, load):
    daemon.drained()
    # What was in hand at four of the cuts was not looked into again.
    daemon.run("quarantine", "retry", "--all", "--reason", "crash")
    assert_exactly_once(daemon, load)
    assert differences(daemon) == {}


# --- a disk that forgets ----------------------------------------------------------------


@pytest.mark.parametrize("how", ["forgets_all", "forgets_some"])
def test_power_cuts_under_load(daemon, rng, how):
    disk = ForgetfulDisk(daemon)
    daemon.environment = disk.environment()
    lost = set()
    with Load(daemon.start(*SMALL), rng, pause=PAUSE_SECONDS) as load:
        for _ in range(CUTS):
            load.wait_for_more(rng.randrange(1, MAILS_BEFORE_CUT))
            daemon.kill()
            lost |= disk.cut_power(rng if how == "forgets_some" else None)
            daemon.start(*SMALL)
        load.wait_for_more(50)
    whole(daemon, load)
    assert "spool.sqlite-shm" in lost, "nothing was ever in doubt"


def test_power_cuts_in_the_middle_of_a_checkpoint(daemon, rng):
    disk = ForgetfulDisk(daemon)
    daemon.environment = disk.environment()
    with Load(daemon.start(*SMALL), rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(10)
        daemon.kill()
        disk.cut_power()
        for _ in range(CUTS):
            # Only a checkpoint writes into the file itself, a page at a time; a start has
            # one too, of what the last process left in the log.
            daemon.environment = disk.environment(
                die=f"spool.sqlite:{rng.randrange(2, 120)}")
            daemon.start(*SMALL, wait=False)

            def dead():
                daemon.read_ports()
                return daemon.process.poll() is not None
            wait_until("it dies in a checkpoint", dead)
            assert daemon.ended() == -signal.SIGKILL, daemon.log_text()
            disk.cut_power(rng)
        daemon.environment = disk.environment()
        daemon.start(*SMALL)
        load.wait_for_more(50)
    whole(daemon, load)


@pytest.mark.parametrize("lies", [False, True], ids=["syncs", "lies_about_syncing"])
def test_what_only_the_spool_has(base, own_postgres, rng, lies):
    """The database is away, so all that was acknowledged is in the spool. On a disk that
    only says that it syncs it is lost: the other tests here could fail."""
    daemon = Daemon(base, database=own_postgres.dsn)
    try:
        daemon.cli("migrate")
        daemon.start()
        daemon.stop()
        own_postgres.stop()
        disk = ForgetfulDisk(daemon)
        daemon.environment = disk.environment(lies)
        with Load(daemon.start(), rng, pause=PAUSE_SECONDS) as load:
            load.wait_for_more(100)
            daemon.kill()
        disk.cut_power()
        daemon.environment = ENVIRONMENT
        own_postgres.start()
        daemon.start()
        daemon.drained()
        if lies:
            with pytest.raises(AssertionError, match="receipt is missing"):
                assert_exactly_once(daemon, load)
        else:
            assert_exactly_once(daemon, load)
        assert differences(daemon) == {}
        assert daemon.stop() == 0
    finally:
        daemon.clean_up()


# --- a disk of its own ------------------------------------------------------------------

DISK_MIB = 64
NEEDS_ROOT = pytest.mark.skipif(not AS_ROOT, reason="only root can mount; CI is root")


@pytest.fixture
def small_disk(base, own_postgres):
    """A daemon whose data directory is an ext4 of its own. Its database is elsewhere."""
    image, place = base / "disk.img", base / "data"
    place.mkdir()
    with open(image, "wb") as file:
        file.truncate(DISK_MIB << 20)
    call("mkfs.ext4", "-q", "-m", "0", str(image))
    disk = Mounted(image, place)
    settings = base / "tlsrptd.toml"
    settings.write_text('[spool]\nmin_free_disk = "0B"\n')
    daemon = Daemon(base, "--migrate", "--config", str(settings),
                    database=own_postgres.dsn)
    try:
        disk.mount()
        shutil.chown(place, "nobody")
        yield daemon, disk
    finally:
        daemon.clean_up()
        disk.unmount()


def call(*words):
    subprocess.run(words, check=True, capture_output=True, timeout=60)


class Mounted:
    def __init__(self, image, place):
        self.image, self.place = image, place

    def mount(self):
        call("mount", "-o", "loop", str(self.image), str(self.place))

    def unmount(self):
        call("umount", str(self.place))

    def go_read_only(self):
        """As the kernel does when the device fails; files that are open stay so."""
        call("mount", "-o", "remount,abort", str(self.place))

    def remount_read_only(self):
        call("mount", "-o", "remount,ro", str(self.place))

    def fill(self):
        """Every byte."""
        with open(self.place / "ballast", "wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(bytes(4096))
            except OSError:
                pass

    def make_room(self):
        (self.place / "ballast").unlink()


def answers_of(load):
    return {code for code, _ in load.refused}


def wait_until_refused(load):
    before = len(load.refused)
    wait_until("a client is told to come again", lambda: len(load.refused) > before)


@NEEDS_ROOT
def test_a_full_disk(small_disk, rng):
    """To its last byte, with the guard that says 452 before (test_quota.py) put off."""
    daemon, disk = small_disk
    with Load(daemon.start(), rng, pause=PAUSE_SECONDS) as load:
        for _ in range(3):
            load.wait_for_more(30)
            disk.fill()
            wait_until_refused(load)
            disk.make_room()
        load.wait_for_more(50)
    assert answers_of(load) <= {451, 452}
    whole(daemon, load)
    assert daemon.stop() == 0


@NEEDS_ROOT
def test_a_disk_that_goes_read_only(small_disk, rng):
    """Everybody is told to come again, nobody that it is ours. Mounted afresh, all that
    was acknowledged is there."""
    daemon, disk = small_disk
    with Load(daemon.start(), rng, pause=PAUSE_SECONDS) as load:
        load.wait_for_more(50)
        disk.go_read_only()
        wait_until_refused(load)
        assert daemon.alive()
        daemon.kill()
        disk.unmount()
        disk.mount()
        daemon.start()
        load.wait_for_more(50)
    assert answers_of(load) <= {451, 452}
    whole(daemon, load)
    assert daemon.stop() == 0


@NEEDS_ROOT
def test_a_look_at_the_spool_of_a_disk_that_is_mounted_read_only(small_disk):
    """With the server stopped SQLite would have to make a file beside it."""
    daemon, disk = small_disk
    assert daemon.start().stop() == 0
    disk.remount_read_only()
    for words in (["status"], ["spool", "list"]):
        done = daemon.run(*words)
        assert done.returncode == 69, (words, done)
        for said in (b"spool.sqlite-shm", b"Read-only file system", b"a copy of"):
            assert said in done.stderr, (words, done)
