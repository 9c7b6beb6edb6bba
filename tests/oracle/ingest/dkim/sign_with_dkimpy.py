#!/usr/bin/python3
"""Signs one mail with python3-dkim in every combination of forms and algorithms.

    sign_with_dkimpy.py MAIL CORPUS FOLDER

MAIL is unsigned; CORPUS holds the keys (tests/corpus/dkim). Each signed mail is written
to FOLDER as <algorithm>_<header form>_<body form>.eml. Selectors: `rsa` and `ed25519`
of firm.example.
"""

import pathlib
import sys

import dkim


def main():
    mail_path, corpus, folder = map(pathlib.Path, sys.argv[1:])
    mail = mail_path.read_bytes()
    keys = {
        b"rsa-sha256": (b"rsa", (corpus / "rfc8463_rsa.pem").read_bytes()),
        # This one wants the seed alone.
        b"ed25519-sha256": (b"ed25519", b"nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="),
    }
    headers = [b"from", b"to", b"subject", b"date", b"message-id", b"from", b"x-twice",
               b"x-twice", b"x-absent"]
    for algorithm, (selector, key) in keys.items():
        for header in (b"simple", b"relaxed"):
            for body in (b"simple", b"relaxed"):
                field = dkim.sign(mail, selector, b"firm.example", key,
                                  canonicalize=(header, body), include_headers=headers,
                                  signature_algorithm=algorithm)
                name = b"_".join((algorithm, header, body)).decode() + ".eml"
                (folder / name).write_bytes(field + mail)


if __name__ == "__main__":
    main()
