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


def argument(position, default):
    return int(sys.argv[position]) if len(sys.argv) > position else default


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
        """Seconds."""
        start = time.monotonic()
        threads = [threading.Thread(target=self.copy_part, args=(tables, part))
                   for part in range(parts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.monotonic() - start


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

        def timed_import(expected):
            tables.rows("CHECKPOINT")
            used = resource.getrusage(resource.RUSAGE_CHILDREN)
            start = time.monotonic()
            said = tlsrptd("import", "--vouch", "--jobs", str(jobs), source)
            seconds = time.monotonic() - start
            now = resource.getrusage(resource.RUSAGE_CHILDREN)
            assert expected in said, said
            return seconds, (now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime)

        new, again, straight, cpu, cpu_again = [], [], [], [], []
        for number in range(rounds):
            seconds, used = timed_import(f"{mails} stored")
            new.append(mails / seconds)
            cpu.append(used / mails * 1e6)
            filled = tables.dump(jobs)
            counts = tables.counts()
            seconds, used = timed_import(f"{mails} duplicate")
            again.append(mails / seconds)
            cpu_again.append(used / mails * 1e6)
            tables.empty(filled)
            tables.rows("CHECKPOINT")
            straight.append(mails / tables.copy(filled, jobs))
            assert tables.counts() == counts
            tables.empty(filled)
            print(f"round {number + 1}: new {new[-1]:.0f}/s, again {again[-1]:.0f}/s, "
                  f"COPY {straight[-1]:.0f}/s; our own CPU {cpu[-1]:.0f} and "
                  f"{cpu_again[-1]:.0f} us a mail", flush=True)
    finally:
        if postgres:
            postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)

    print(f"{mails} mails, {domains} domains, {jobs} connections; tables: "
          + ", ".join(f"{table} {counts[table]}" for table in filled))
    ratio = statistics.median(a / b for a, b in zip(new, straight))
    faster = statistics.median(a / b for a, b in zip(again, new))
    print(f"COPY       {statistics.median(straight):.0f}/s")
    print(f"new        {statistics.median(new):.0f}/s, ratio {ratio:.2f}")
    print(f"duplicates {statistics.median(again):.0f}/s, {faster:.2f} of new")


if __name__ == "__main__":
    main()
