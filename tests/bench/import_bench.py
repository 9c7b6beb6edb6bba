"""Bulk import beside a straight COPY of the rows it leaves: the same tables, the same
indexes, the same number of connections, rounds interleaved.

Our side is the real program on a folder of mails: start, reading, parsing, looking for
duplicates, sums and all. The other side has the finished rows in text files and does
nothing but COPY them into the tables, emptied, one COPY a table in one transaction a
connection: the best case of COPY, with no batch and no look at what is there. Then the
same import again, where everything is a duplicate.

  import_bench.py BUILD_FOLDER [ROUNDS] [MAILS] [DOMAINS] [JOBS]
"""

import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

import psycopg2

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from conftest import ENVIRONMENT, Postgres  # noqa: E402

COPY_READ_BYTES = 1 << 20
TICKS = os.sysconf("SC_CLK_TCK")


def argument(position, default):
    return int(sys.argv[position]) if len(sys.argv) > position else default


class CpuMeter:
    """CPU seconds: of this process and the programs it ran, and of PostgreSQL's backends.

    A backend is counted when it has ended. Unlike the clock's seconds these say little
    about what else the machine does.
    """

    def __init__(self, postgres):
        pid_file = postgres.base / "cluster" / "postmaster.pid"
        self.postmaster = int(pid_file.read_text().split()[0])
        self.start()

    def start(self):
        self.before = self.now()

    def used(self):
        return [after - before for before, after in zip(self.before, self.now())]

    def now(self):
        client = sum(usage.ru_utime + usage.ru_stime for usage in map(
            resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))
        stat = pathlib.Path(f"/proc/{self.postmaster}/stat").read_text()
        fields = stat.rsplit(")", 1)[1].split()
        return client, (int(fields[13]) + int(fields[14])) / TICKS


class Tables:
    """The tables of the schema; which of them an import fills, and their rows."""

    def __init__(self, dsn, folder):
        self.dsn = dsn
        self.folder = folder
        self.columns = {}
        for table, column in self.rows(
                "SELECT c.relname, a.attname FROM pg_class c "
                "JOIN pg_attribute a ON a.attrelid = c.oid "
                "WHERE c.relnamespace = 'tlsrptd'::regnamespace AND NOT c.relispartition "
                "AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped "
                "AND a.attgenerated = '' ORDER BY a.attnum"):
            self.columns.setdefault(table, []).append(column)
        self.before = self.counts()

    def connect(self):
        return psycopg2.connect(self.dsn, options="-c search_path=tlsrptd")

    def rows(self, sql):
        connection = self.connect()
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()

    def counts(self):
        return {table: self.rows(f"SELECT count(*) FROM {table}")[0][0]
                for table in self.columns}

    def filled(self):
        after = self.counts()
        return [table for table in sorted(self.columns)
                if after[table] != self.before[table]]

    def dump(self, parts):
        """A file per filled table and part; which tables those are."""
        tables = self.filled()
        connection = self.connect()
        with connection.cursor() as cursor:
            for table in tables:
                files = [open(self.folder / f"{table}.{part}", "wb")
                         for part in range(parts)]
                whole = self.folder / "whole"
                with open(whole, "wb") as out:
                    cursor.copy_expert(
                        f"COPY (SELECT {', '.join(self.columns[table])} FROM {table}) "
                        "TO STDOUT", out)
                with open(whole, "rb") as lines:
                    for number, line in enumerate(lines):
                        files[number % parts].write(line)
                whole.unlink()
                for file in files:
                    file.close()
        connection.close()
        return tables

    def empty(self, tables):
        self.rows("TRUNCATE " + ", ".join(tables))

    def copy_part(self, tables, part):
        connection = self.connect()
        with connection.cursor() as cursor:
            for table in tables:
                with open(self.folder / f"{table}.{part}", "rb") as rows:
                    cursor.copy_expert(
                        f"COPY {table} ({', '.join(self.columns[table])}) FROM STDIN",
                        rows, COPY_READ_BYTES)
        connection.commit()
        connection.close()

    def copy(self, tables, parts):
        threads = [threading.Thread(target=self.copy_part, args=(tables, part))
                   for part in range(parts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    rounds, mails = argument(2, 5), argument(3, 20000)
    domains, jobs = argument(4, 1), argument(5, 1)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd-bench-"))
    folder.chmod(0o755)
    source = folder / "mails"
    rows = folder / "rows"
    source.mkdir()
    rows.mkdir()
    postgres = None
    try:
        subprocess.run([build / "make_mails", source, str(mails), str(domains)],
                       check=True)
        postgres = Postgres(folder).start()

        def tlsrptd(*words):
            return subprocess.run(
                [build / "tlsrptd", *words, "--database", postgres.dsn], check=True,
                env=ENVIRONMENT, stdout=subprocess.PIPE, text=True).stdout

        tlsrptd("migrate")
        tlsrptd("domain", "add", *(["firm.example"] if domains == 1 else
                                   [f"d{n}.example" for n in range(domains)]))
        tables = Tables(postgres.dsn, rows)

        meter = CpuMeter(postgres)

        def timed(work):
            """Mails a second, and CPU us a mail of the client and of PostgreSQL."""
            tables.rows("CHECKPOINT")
            meter.start()
            start = time.monotonic()
            work()
            seconds = time.monotonic() - start
            time.sleep(0.2)  # for the backends to be gone
            return mails / seconds, *(used / mails * 1e6 for used in meter.used())

        def import_all(expected):
            said = tlsrptd("import", "--vouch", "--jobs", str(jobs), source)
            assert expected in said, said

        new, again, straight = [], [], []
        for number in range(rounds):
            new.append(timed(lambda: import_all(f"{mails} stored")))
            filled = tables.dump(jobs)
            counts = tables.counts()
            again.append(timed(lambda: import_all(f"{mails} duplicate")))
            tables.empty(filled)
            straight.append(timed(lambda: tables.copy(filled, jobs)))
            assert tables.counts() == counts
            tables.empty(filled)
            print(f"round {number + 1}: " + ", ".join(
                f"{name} {one[-1][0]:.0f}/s (CPU {one[-1][1]:.0f} + {one[-1][2]:.0f} us)"
                for name, one in (("new", new), ("again", again), ("COPY", straight))),
                flush=True)
    finally:
        if postgres:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)

    print(f"{mails} mails, {domains} domains, {jobs} connections; tables: "
          + ", ".join(f"{table} {counts[table]}" for table in filled))

    def show(name, figures, versus=None, of=""):
        rate, client, server = (statistics.median(column) for column in zip(*figures))
        text = f"{name:11}{rate:6.0f}/s  CPU {client:.0f} + {server:.0f} us a mail"
        if versus:
            by_clock = statistics.median(a[0] / b[0] for a, b in zip(figures, versus))
            by_cpu = statistics.median(
                (b[1] + b[2]) / (a[1] + a[2]) for a, b in zip(figures, versus))
            text += f"  {by_clock:.2f} of {of}, by CPU {by_cpu:.2f}"
        print(text)

    print("CPU of the client + of PostgreSQL's backend; medians")
    show("COPY", straight)
    show("new", new, straight, "COPY")
    show("duplicates", again, new, "new")


if __name__ == "__main__":
    main()
