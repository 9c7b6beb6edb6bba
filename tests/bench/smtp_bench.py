"""Durable SMTP beside smtp-sink: the same client, the same mails, rounds interleaved.

For tlsrptd two figures: acknowledged per second (the client's clock stops at the last
250) and drained per second (until the last report is in PostgreSQL). smtp-sink throws
mail away, so it is the bound that SMTP itself sets.

  smtp_bench.py BUILD_FOLDER [ROUNDS] [MESSAGES] [--sign]

--sign: a signed and an unsigned round in turn, the key served by nsd on the loopback;
what verifying costs is the difference.
"""

import pathlib
import shutil
import statistics
import sys
import tempfile
import time

from smtp_servers import Client, SmtpSink, Tlsrptd, cpu_us, serve_key, threads_us


def main():
    words = [word for word in sys.argv[1:] if word != "--sign"]
    build = pathlib.Path(words[0]).resolve()
    rounds = int(words[1]) if len(words) > 1 else 5
    messages = int(words[2]) if len(words) > 2 else 20000
    client = Client(build)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tlsrptd-bench-key-"))
    folder.chmod(0o755)
    key, nsd = serve_key(folder) if "--sign" in sys.argv else (None, None)
    server = Tlsrptd(build, *(["--resolver", nsd.address] if nsd else []))
    sink = SmtpSink()

    def measure(seed, signed_with):
        """Acknowledged and drained per second, and microseconds of CPU a message:
        tlsrptd's own, by thread, and its PostgreSQL's."""
        before, threads = cpu_us(server.pid), threads_us(server.pid)
        rate, took = client.load(server.port, messages, seed, signed_with)
        start = time.monotonic()
        server.drain()
        drained = messages / (took + time.monotonic() - start)
        own, postgres = ((now - then) / messages
                         for now, then in zip(cpu_us(server.pid), before))
        by_thread = {name: (spent - threads.get(name, 0)) / messages
                     for name, spent in threads_us(server.pid).items()}
        return rate, drained, own, postgres, by_thread

    kinds = {"plain": None, **({"signed": key} if key else {})}
    sunk, figures = [], {kind: [] for kind in kinds}
    try:
        client.load(server.port, 2000, 1, key)  # caches warm, keys known
        server.drain()
        for number in range(rounds):
            rate, _ = client.load(sink.port, messages, 100 + number)
            sunk.append(rate)
            print(f"round {number + 1}: smtp-sink {rate:.0f}/s")
            for step, (kind, signed_with) in enumerate(kinds.items()):
                *found, threads = measure(200 + 1000 * step + number, signed_with)
                figures[kind].append(found)
                print("    %-7s acknowledged %.0f/s, drained %.0f/s; CPU a message: "
                      "tlsrptd %.0f us, PostgreSQL %.0f us" % (kind, *found))
                print("            " + ", ".join(
                    f"{name} {spent:.0f} us" for name, spent in threads.items()
                    if spent >= 1), flush=True)
    finally:
        sink.end()
        server.end()
        if nsd:
            nsd.end()
        shutil.rmtree(folder, ignore_errors=True)

    bound = statistics.median(sunk)
    print(f"smtp-sink     {bound:.0f}/s")
    for kind, found in figures.items():
        acknowledged, drained, own, postgres = (
            statistics.median(column) for column in zip(*found))
        print(f"{kind:13} acknowledged {acknowledged:.0f}/s, ratio "
              f"{acknowledged / bound:.2f}; drained {drained:.0f}/s, ratio "
              f"{drained / bound:.2f}; CPU a message: tlsrptd {own:.0f} us, "
              f"PostgreSQL {postgres:.0f} us")


if __name__ == "__main__":
    main()
