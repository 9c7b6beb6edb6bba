"""A real Postfix in a folder of its own: its configuration, queue and master, on a free
port of the loopback. What it is set up to do is what docs/postfix.md tells people to."""

import os
import pathlib
import shutil
import smtplib
import subprocess

from conftest import AS_ROOT, STOP_SECONDS, free_port, wait_until

POSTFIX = shutil.which("postfix", path=os.environ.get("PATH", "") + ":/usr/sbin")
# Its programs change to users of their own, so root starts it; CI runs as root.
WHY_NOT = "" if AS_ROOT and POSTFIX else "Postfix must be installed, and started by root"

# Debian's own, as far as mail goes through it here. `lmtp` is what the test is about:
# chrooted, as Debian has it, so that a socket must lie in the queue directory.
#
# A mail whose turn comes while a delivery agent still holds it ("skipped, still being
# delivered") is set aside by qmgr for a minute, and then until it is woken: every 300 s in
# Debian's file, every second here.
MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup  unix n - n - 0 cleanup
qmgr     unix n - n 1 1 qmgr
rewrite  unix - - n - - trivial-rewrite
bounce   unix - - n - 0 bounce
defer    unix - - n - 0 bounce
trace    unix - - n - 0 bounce
proxymap unix - - n - - proxymap
anvil    unix - - n - 1 anvil
error    unix - - n - - error
retry    unix - - n - - error
lmtp     unix - - y - - lmtp
scache   unix - - y - 1 scache
postlog  unix-dgram n - n - 1 postlogd
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = /dev/stdout
myhostname = mx.firm.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
# So that a test need not wait for the next try.
queue_run_delay = 1s
minimal_backoff_time = 1s
maximal_backoff_time = 1s

# docs/postfix.md:
mydestination = firm.example
recipient_delimiter = +
transport_maps = texthash:{base}/etc/transport
local_recipient_maps = proxy:unix:passwd.byname $alias_maps $transport_maps
message_size_limit = 26214400
mailbox_size_limit = 26214400
"""


class Postfix:
    """`transport`: where tlsrpt@firm.example goes, the right side of transport(5)."""

    def __init__(self, base):
        self.base = pathlib.Path(base) / "postfix"
        self.etc = self.base / "etc"
        self.log_path = self.base / "log"
        self.process = None
        for folder in (self.etc, self.base / "queue", self.base / "data"):
            folder.mkdir(parents=True)
        shutil.chown(self.base / "data", "postfix")
        self.port = free_port()
        # Below the queue directory: the lmtp program may see no other part of the disk.
        self.socket_folder = self.base / "queue" / "tlsrptd"
        self.socket_folder.mkdir()

    def start(self, transport):
        (self.etc / "master.cf").write_text(MASTER.format(port=self.port))
        (self.etc / "main.cf").write_text(MAIN.format(base=self.base))
        (self.etc / "transport").write_text(f"tlsrpt@firm.example {transport}\n")
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [POSTFIX, "-c", str(self.etc), "start-fg"], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd="/")

        def answers():
            assert self.process.poll() is None, self.log_text()
            try:
                self.smtp().quit()
                return True
            except (OSError, smtplib.SMTPException):
                return False
        wait_until("Postfix answers", answers)
        return self

    def smtp(self):
        return smtplib.SMTP("127.0.0.1", self.port, local_hostname="client.example",
                            timeout=60)

    def send(self, mail, *recipients):
        """Recipients that Postfix itself refused."""
        with self.smtp() as client:
            return client.sendmail("sender@google.com",
                                   recipients or ["tlsrpt@firm.example"], mail)

    def log_text(self):
        return self.log_path.read_text(errors="replace")

    def delivered(self):
        """How many deliveries its log says were taken, one a recipient."""
        return self.log_text().count("status=sent")

    def queued(self):
        """The mails that it still has to deliver."""
        return [path for name in ("incoming", "active", "deferred")
                for path in (self.base / "queue" / name).rglob("*") if path.is_file()]

    def stop(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(STOP_SECONDS)
        self.process = None
