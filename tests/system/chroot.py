"""A Debian in a folder: made by debootstrap, and programs run in it. Needs root."""

import pathlib
import shutil
import subprocess

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MIRROR = "http://deb.debian.org/debian"
# Bounds a wait: packages are fetched and the program is compiled in there.
STEP_SECONDS = 4 * 3600

# Mounts and processes end with the namespaces, however the step ends.
IN_NAMESPACES = """
set -eu
root=$1; shift
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
exec chroot "$root" "$@"
"""


class Chroot:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    @classmethod
    def make(cls, suite, root):
        subprocess.run(["debootstrap", "--variant=minbase", suite, str(root), MIRROR],
                       check=True, capture_output=True, timeout=STEP_SECONDS)
        return cls(root)

    def copy_to(self, root):
        subprocess.run(["cp", "-a", str(self.root), str(root)], check=True)
        return Chroot(root)

    def step(self, words, environment, folder="/"):
        """Runs it as root to its end, with /proc and the machine's DNS, as a build does."""
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{name}", self.root / "etc" / name)
        done = subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "--ipc", "--pid", "--fork",
             "--kill-child", "sh", "-c", IN_NAMESPACES, "sh", str(self.root),
             *self.words(words, environment, folder)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=STEP_SECONDS)
        assert done.returncode == 0, (words, done.stdout[-4000:].decode())

    def command(self, words, environment, user):
        """The command line that runs it, as that user and by that process id."""
        return ["chroot", f"--userspec={user}", "--groups=", str(self.root),
                *self.words(words, environment, "/")]

    @staticmethod
    def words(words, environment, folder):
        pairs = [f"{name}={value}" for name, value in environment.items()]
        return ["env", "-i", f"--chdir={folder}", f"PATH={PATH}", *pairs, *words]
