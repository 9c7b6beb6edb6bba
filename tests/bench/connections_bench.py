"""What a connection costs: server CPU a message, reused connections, a new one each, and
STARTTLS on each, beside servers that do nothing else.

  reused, each   tlsrptd beside smtp-sink, which throws mail away
  starttls       tlsrptd beside tls_sink, which is OpenSSL's handshake on a bare socket with
                 the same certificate: no SMTP, no mail

For tlsrptd the thread that owns the sessions is given apart from the whole process, for
the spool's fsync, parsing and PostgreSQL have no counterpart on the other side.

  connections_bench.py BUILD_FOLDER [ROUNDS] [MESSAGES]
"""

import pathlib
import statistics
import subprocess
import sys

from smtp_servers import Client, SmtpSink, Tlsrptd, cpu_us, threads_us


class TlsSink:
    def __init__(self, build, certificate):
        self.process = subprocess.Popen([str(build / "tls_sink"), str(certificate)],
                                        stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())
        self.pid = self.process.pid

    def end(self):
        self.process.terminate()
        self.process.wait(20)


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    messages = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    client = Client(build)
    server = Tlsrptd(build)
    sink = SmtpSink()
    (certificate,) = (server.folder / "data").glob("*.pem")
    bare = TlsSink(build, certificate)
    pairs = {"reused": (sink, "reused"), "each": (sink, "each"),
             "starttls": (bare, "handshake")}
    figures = {manner: [] for manner in pairs}
    try:
        for number in range(rounds):
            for step, (manner, (other, as_other)) in enumerate(pairs.items()):
                seed = 300 + 100 * step + number
                before = cpu_us(other.pid)[0]
                theirs_rate, _ = client.load(other.port, messages, seed, manner=as_other)
                theirs = (cpu_us(other.pid)[0] - before) / messages
                before, threads = cpu_us(server.pid)[0], threads_us(server.pid)
                rate, _ = client.load(server.port, messages, seed, manner=manner)
                server.drain()
                whole = (cpu_us(server.pid)[0] - before) / messages
                sessions = (threads_us(server.pid)["smtp"] - threads["smtp"]) / messages
                figures[manner].append(
                    (rate, theirs_rate, sessions, whole, theirs))
                print("%-9s %6.0f/s beside %6.0f/s; CPU a message: sessions %.0f us, "
                      "tlsrptd in all %.0f us; theirs %.0f us"
                      % (manner, *figures[manner][-1]), flush=True)
    finally:
        bare.end()
        sink.end()
        server.end()
    print("| | a second | theirs | ratio | CPU us a message: sessions | tlsrptd in all |"
          " theirs | sessions to theirs |")
    print("|---|---|---|---|---|---|---|---|")
    for manner, found in figures.items():
        rate, theirs_rate, sessions, whole, theirs = (
            statistics.median(column) for column in zip(*found))
        print(f"| {manner} | {rate:.0f} | {theirs_rate:.0f} | {rate / theirs_rate:.2f} |"
              f" {sessions:.0f} | {whole:.0f} | {theirs:.0f} | {sessions / theirs:.2f} |")


if __name__ == "__main__":
    main()
