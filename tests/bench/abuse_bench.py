"""What others notice of people who do not mean well: durable SMTP with and without them.

Two thousand connections that say nothing (to SMTP and HTTPS, fifty of each address), three
clients that stopped at each step of each protocol, and four that talk nonsense as fast as
they can. Rounds with and without them in turn; the figure is the ratio.

  abuse_bench.py BUILD_FOLDER [ROUNDS] [MESSAGES]
"""

import pathlib
import random
import shutil
import statistics
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import conftest  # noqa: E402
from attackers import STEPS, Crowd, address, throw  # noqa: E402
from smtp_servers import Client  # noqa: E402

IDLE = 2000
LINES = [b"EHLO x\r\n", b"MAIL FROM:<>\r\n", b"BDAT 9\r\n", b"\r\n.\r\n", b"nonsense\r\n"]


def talk_nonsense(port, stop, seed):
    rng = random.Random(seed)
    while not stop.is_set():
        throw(port, b"".join(rng.choice(LINES) for _ in range(50)))


def with_attackers(daemon, measure):
    stop = threading.Event()
    talkers = [threading.Thread(target=talk_nonsense, args=(daemon.port, stop, n))
               for n in range(4)]
    with Crowd() as crowd:
        for number in range(IDLE):
            crowd.stand(daemon.ports["smtp" if number % 2 else "https"],
                        peer=address(number // 50))
        for number, (port, _, said, tls) in enumerate(STEPS):
            for _ in range(3):
                crowd.stand(daemon.ports[port], said, address(100 + number), tls)
        for talker in talkers:
            talker.start()
        try:
            return measure()
        finally:
            stop.set()
            for talker in talkers:
                talker.join()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    messages = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    conftest.TLSRPTD = str(build / "tlsrptd")
    base = conftest.make_base()
    settings = base / "many.toml"
    settings.write_text("[smtp]\nmax_connections = 2500\n"
                        "[https]\nmax_connections = 2500\n")
    client = Client(build)
    daemon = conftest.Daemon(base, "--lmtp", "127.0.0.1:0", "--config", str(settings))
    try:
        daemon.start()
        alone, beside = [], []
        for number in range(rounds):
            def measure(seed):
                return client.load(daemon.port, messages, seed)[0]
            alone.append(measure(2 * number))
            daemon.drained()
            beside.append(with_attackers(daemon, lambda: measure(2 * number + 1)))
            daemon.drained()
            print(f"alone {alone[-1]:.0f}/s, beside {IDLE} idle and the rest "
                  f"{beside[-1]:.0f}/s, ratio {beside[-1] / alone[-1]:.2f}", flush=True)
        ratios = [b / a for a, b in zip(alone, beside)]
        print(f"median ratio {statistics.median(ratios):.2f} "
              f"(from {min(ratios):.2f} to {max(ratios):.2f})")
    finally:
        daemon.clean_up()
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
