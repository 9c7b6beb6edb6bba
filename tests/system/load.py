"""Clients that mail reports until told to stop, and remember what was acknowledged.

A client counts a report only once the 250 has been read, as a sender does: what broke
before that is sent again, under the same report-id.
"""

import contextlib
import random
import smtplib
import threading

import reports
from conftest import deliver, wait_until

CONNECTIONS = 8
# Between two mails of a client: eight of them make some hundreds of mails a second, more
# than the tests need and less than the machine can do.
PAUSE_SECONDS = 0.01
MAILS_PER_CONNECTION = 20  # at most; then QUIT, and a new connection
REPORTS_PER_MAIL = 3       # at most
MAX_REFUSED = 1000         # a start may answer 4xx for a moment; more is a fault


class Load:
    def __init__(self, daemon, rng, domain="firm.example", pause=PAUSE_SECONDS):
        self.daemon = daemon
        self.domain = domain
        self.pause = pause
        self.lock = threading.Lock()
        self.acknowledged = {}  # report-id -> the report
        self.receipts = []      # receipt ids out of the 250s
        self.begun = set()      # report-ids that were ever sent
        self.refused = []       # answers other than 250
        self.errors = []
        self.stopping = threading.Event()
        self.open = threading.Event()  # clear while held()
        self.open.set()
        self.threads = [threading.Thread(target=self._client, args=(rng.random(), n))
                        for n in range(CONNECTIONS)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        self.stopping.set()
        self.open.set()
        for thread in self.threads:
            thread.join(120)
            assert not thread.is_alive(), "a client hangs"
        assert not self.errors, self.errors

    @contextlib.contextmanager
    def held(self):
        """No further mail meanwhile: a wait of a minute is no backlog of ten."""
        self.open.clear()
        try:
            yield
        finally:
            self.open.set()

    def count(self):
        with self.lock:
            return len(self.receipts)

    def wait_for_more(self, more, seconds=120):
        """Waits for so many further 250s."""
        enough = self.count() + more

        def reached():
            assert not self.errors, self.errors
            assert len(self.refused) < MAX_REFUSED, self.refused[-3:]
            return self.count() >= enough
        wait_until(f"{more} more mails acknowledged", reached, seconds)

    def _client(self, seed, number):
        rng = random.Random(seed)
        pending = None  # reports and their mail, not acknowledged yet
        try:
            while not self.stopping.is_set():
                try:
                    with self.daemon.smtp() as client:
                        for _ in range(rng.randrange(1, MAILS_PER_CONNECTION)):
                            self.open.wait()
                            if self.stopping.is_set():
                                break
                            pending = pending or self._make(rng, number)
                            self._send(client, pending)
                            pending = None
                            self.stopping.wait(self.pause)
                except smtplib.SMTPDataError as error:
                    with self.lock:
                        self.refused.append((error.smtp_code, error.smtp_error))
                    self.stopping.wait(self.pause)
                except (OSError, smtplib.SMTPException):
                    self.stopping.wait(self.pause)  # away, or killed under our hands
        except BaseException as error:  # a bug of this test must not look like silence
            self.errors.append(repr(error))

    def _make(self, rng, number):
        made = []
        for _ in range(rng.randrange(1, REPORTS_PER_MAIL + 1)):
            failed = rng.choice([0, 0, 0, rng.randrange(1, 50)])
            explained = rng.randrange(failed + 1)
            details = [reports.detail("certificate-expired", explained)]
            results = [reports.sts(self.domain, rng.randrange(1000), failed,
                                   details if explained else ())]
            if rng.random() < 0.3:  # as Microsoft does: the same sessions under tlsa
                results.append(reports.policy("tlsa", self.domain, rng.randrange(1000)))
            made.append(reports.report(results, reports.new_id(f"load-{number}"),
                                       day=reports.days_ago(rng.randrange(1, 4))))
        with self.lock:
            # Now and then one that was acknowledged before: a duplicate.
            if self.acknowledged and rng.random() < 0.02:
                made.append(rng.choice(list(self.acknowledged.values())))
        return made, reports.mail(made, self.domain)

    def _send(self, client, pending):
        made, mail = pending
        with self.lock:
            self.begun.update(one["report-id"] for one in made)
        receipt_id = deliver(client, mail, f"tlsrpt@{self.domain}")
        with self.lock:
            self.receipts.append(receipt_id)
            self.acknowledged.update((one["report-id"], one) for one in made)


def assert_exactly_once(daemon, load):
    """What was acknowledged is there once, what was sent at most once, nothing else."""
    assert load.receipts, "nothing was acknowledged, so nothing was tested"
    receipts = [str(row[0]) for row in daemon.rows("SELECT receipt_id FROM receipt")]
    stored = [row[0] for row in daemon.rows("SELECT report_id FROM report")]
    assert len(set(load.receipts)) == len(load.receipts), "one id for two receipts"
    assert len(set(receipts)) == len(receipts), "a receipt is there twice"
    assert len(set(stored)) == len(stored), "a report is there twice"
    assert set(load.receipts) <= set(receipts), "an acknowledged receipt is missing"
    assert set(load.acknowledged) <= set(stored), "an acknowledged report is missing"
    assert set(stored) <= load.begun, "a report that nobody sent"
