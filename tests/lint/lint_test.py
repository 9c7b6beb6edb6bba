#!/usr/bin/env python3
"""The lint notices what it is for: a made-up tree for each edge and form.

  lint_test.py     exit status of unittest
"""

import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import format as format_lint  # noqa: E402
import includes  # noqa: E402
import rfc_refs  # noqa: E402
import web  # noqa: E402


def write_tree(root, files):
    for name, text in files.items():
        path = pathlib.Path(root) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


# why, file, its text, what the finding says (None: no finding)
EDGES = [
    ("downwards", "store/model/a.cc", '#include "base/result.h"\n', None),
    ("its own room", "store/model/a.cc", '#include "store/model/a.h"\n', None),
    ("the standard library", "base/a.h", "#include <string>\n", None),
    ("a library", "store/model/a.cc", "#include <openssl/evp.h>\n", None),
    ("a database where it belongs", "store/pg/a.h", "#include <pqxx/pqxx>\n", None),
    ("Asio where it belongs", "base/net/a.cc", "#include <boost/asio.hpp>\n", None),
    ("cmd connects everything", "cmd/main.cc", '#include "store/writer/w.h"\n', None),
    ("a comment is no include", "base/a.h", '// #include "store/model/a.h"\n', None),
    ("a block comment is none", "base/a.h", '/*\n#include "store/model/a.h"\n*/\n', None),
    ("other rooms' tests are free", "tests/unit/base/a.cc", '#include "cmd/a.h"\n', None),
    ("upwards", "base/a.h", '#include "store/model/a.h"\n',
     "base/a.h:1: base may not use store/model"),
    ("base/net is not base", "base/a.h", '#include "base/net/a.h"\n',
     "base may not use base/net"),
    ("a model that does I/O", "store/model/a.cc", '\n\n#include "store/pg/a.h"\n',
     "store/model/a.cc:3: store/model may not use store/pg"),
    ("a parser that logs", "ingest/report/a.cc", '#include "base/ops/log.h"\n',
     "ingest/report may not use base/ops"),
    ("a parser that unpacks", "ingest/report/a.cc", '#include "ingest/unpack/a.h"\n',
     "ingest/report may not use ingest/unpack"),
    ("api never sees the writer", "api/rest/a.cc", '#include "store/writer/a.h"\n',
     "api/rest may not use store/writer"),
    ("the verdict reads no rows", "api/readiness/a.cc", '#include "store/queries/a.h"\n',
     "api/readiness may not use store/queries"),
    ("ingest never sees the queries", "ingest/flow/a.cc", '#include "store/queries/a.h"\n',
     "ingest/flow may not use store/queries"),
    ("the spool does not know what it holds", "ingest/spool/a.h",
     '#include "store/model/a.h"\n', "ingest/spool may not use store/model"),
    ("the writer does not read", "store/writer/a.h", '#include "store/queries/a.h"\n',
     "store/writer may not use store/queries"),
    ("nobody uses cmd", "ingest/import/a.cc", '#include "cmd/a.h"\n',
     "ingest/import may not use cmd"),
    ("in angle brackets", "base/a.h", "#include <store/model/a.h>\n",
     "base may not use store/model"),
    ("with blanks", "base/a.h", '  #  include   "store/model/a.h"\n',
     "base may not use store/model"),
    ("after a block comment", "base/a.h", '/* a */ /* b\n*/\n#include "cmd/a.h"\n',
     "base/a.h:3: base may not use cmd"),
    ("in a .cc too", "base/a.cc", '#include "cmd/a.h"\n', "base may not use cmd"),
    ("beside the file", "base/a.cc", '#include "a.h"\n', "relative to the root"),
    ("through the parent", "base/net/a.cc", '#include "base/net/../ops/a.h"\n',
     "relative to the root"),
    ("a macro", "base/a.cc", "#include HEADER\n", "cannot tell what is included"),
    ("a room nobody knows", "ingest/magic/a.cc", "", "no room"),
    ("a folder below a room", "base/deep/a.h", "", "no room"),
    ("the whole of Asio", "ingest/report/a.cc", "#include <boost/asio.hpp>\n", "is pure"),
    ("a part of Asio", "base/a.h", "#include <boost/asio/ip/address.hpp>\n",
     "base is pure and may not include <boost/asio/ip/address.hpp>"),
    ("a part of Beast", "base/a.h", "#include <boost/beast/http.hpp>\n", "is pure"),
    ("the whole of Beast", "base/a.h", "#include <boost/beast.hpp>\n", "is pure"),
    ("libunbound", "ingest/dkim/a.h", "#include <unbound.h>\n", "is pure"),
    ("pqxx", "store/model/a.h", "#include <pqxx/pqxx>\n", "is pure"),
    ("SQLite", "ingest/unpack/a.h", "#include <sqlite3.h>\n", "is pure"),
    ("libpq", "api/readiness/a.h", "#include <libpq-fe.h>\n", "is pure"),
]

# why, a line of CMakeLists.txt, what the finding says (None: no finding)
USES = [
    ("as in the table", "tlsrptd_room(store/model USES base LIBS PkgConfig::PSL)", None),
    ("cmd", "tlsrptd_room(cmd USES base api/readiness LIBS a EXECUTABLE tlsrptd)", None),
    ("over two lines", "tlsrptd_room(base/ops\n  USES base\n  LIBS fmt::fmt)", None),
    ("a comment", "# tlsrptd_room(base USES cmd)", None),
    ("too much", "tlsrptd_room(store/model USES base store/pg LIBS)",
     "CMakeLists.txt:1: store/model may not use store/pg"),
    ("too much, second line", "\ntlsrptd_room(base\n  USES cmd)",
     "CMakeLists.txt:2: base may not use cmd"),
    ("no such room", "tlsrptd_room(base/ops USES base/oops)", "which is no room"),
    ("a new room", "tlsrptd_room(ingest/magic USES base)", "is no room"),
]

# why, text, whether it is wrong
FORMS = [
    ("the form", "// RFC 8460, 4.4 says", False),
    ("deep", "RFC 8461, 3.2.1", False),
    ("an appendix", "RFC 8460, app. B", False),
    ("the RFC alone", "the RFCs: RFC 8460 and RFC 8461.", False),
    ("possessive", "RFC 8460's spelling", False),
    ("two sections", "RFC 8460, 4.4 and 5.1", False),
    ("followed by words", "RFC 8460, which says", False),
    ("a number after it, even a year: word it differently", "RFC 8460 (2018-09)", True),
    ("a URL", "https://www.rfc-editor.org/rfc/rfc8460#section-4.4", False),
    ("a file name", "parsedmarc__rfc8460_mx-host-string.json", False),
    ("at the end of a line", "// obeys RFC 8460\n// 4 of them", False),
    ("a section of our own", "// see section 4 below, and RFC 8460", False),
    ("no blank", "// RFC8460 says", True),
    ("a hyphen", "RFC-8460", True),
    ("lower case", "rfc 8460, 4.4", True),
    ("mixed case", "Rfc 8460", True),
    ("two blanks", "RFC  8460", True),
    ("no comma", "// RFC 8460 4.4", True),
    ("no comma, a whole section", "// RFC 8460 4", True),
    ("the word", "RFC 8460 section 4", True),
    ("the word after a comma", "RFC 8460, section 4.4", True),
    ("the word in capitals", "RFC 8460, Section 4.4", True),
    ("the word, short", "RFC 8460, sec. 4.4", True),
    ("the sign", "RFC 8460 §4.4", True),
    ("the sign after a comma", "RFC 8460, § 4.4", True),
    ("appendix in full", "RFC 8460, Appendix B", True),
    ("a colon", "RFC 8460: 4.4", True),
    ("brackets", "RFC 8460 (4.4)", True),
    ("no blank after the comma", "RFC 8460,4.4", True),
    ("the section first", "section 4.4 of RFC 8460", True),
    ("the section first, in", "Section 4 in RFC 8460", True),
    ("broken after RFC", "// as RFC\n// 8460 says", True),
    ("broken after the comma", "// as RFC 8460,\n// 4.4 says", True),
    ("broken in SQL", "-- RFC 8460,\n-- 4.4", True),
    ("broken before an appendix", "# RFC 8460,\n# app. B", True),
]


class Includes(unittest.TestCase):
    def test_edges(self):
        for why, name, text, want in EDGES:
            with self.subTest(why), tempfile.TemporaryDirectory() as root:
                write_tree(root, {name: text})
                found = list(includes.findings(root))
                if want is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(want, found[0])

    def test_cmake(self):
        for why, text, want in USES:
            with self.subTest(why), tempfile.TemporaryDirectory() as root:
                write_tree(root, {"CMakeLists.txt": text + "\n"})
                found = list(includes.findings(root))
                if want is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(want, found[0])

    def test_the_table_names_rooms_only(self):
        for room, uses in includes.ROOMS.items():
            for other in uses or []:
                self.assertIn(other, includes.ROOMS, room)
        for room in includes.PURE:
            # A pure room leads to pure rooms only.
            self.assertLessEqual(set(includes.ROOMS[room]), set(includes.PURE), room)

    def test_a_cycle_is_noticed(self):
        saved = includes.ROOMS["base"]
        includes.ROOMS["base"] = ["store/model"]
        try:
            self.assertTrue(any("base uses itself" in f for f in includes.check_cycles()))
        finally:
            includes.ROOMS["base"] = saved

    def run_on(self, files):
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, files)
            return subprocess.run([sys.executable, "-B", str(HERE / "includes.py"), root],
                                  capture_output=True, text=True)

    def test_exit_status(self):
        good = {"base/a.h": "#include <string>\n"}
        bad = {"base/a.h": '#include "cmd/a.h"\n'}
        self.assertEqual(self.run_on(good).returncode, 0)
        self.assertEqual(self.run_on(bad).returncode, 1)
        self.assertIn("base may not use cmd", self.run_on(bad).stdout)
        self.assertEqual(self.run_on({}).returncode, 1, "an empty folder is not clean")


class RfcRefs(unittest.TestCase):
    def test_forms(self):
        for why, text, wrong in FORMS:
            with self.subTest(why):
                found = rfc_refs.check_text("a.h", text + "\n")
                self.assertEqual(bool(found), wrong, found)

    def test_the_line_is_named(self):
        found = rfc_refs.check_text("a.h", "\n\n// RFC8460\n")
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("a.h:3: \"RFC8460\":"), found)

    def test_exit_status_and_what_is_read(self):
        for why, files, status in [
            ("clean", {"a.h": "// RFC 8460, 4.4\n"}, 0),
            ("a header", {"base/a.h": "// RFC8460\n"}, 1),
            ("SQL", {"a.h": "", "sql/a.sql": "-- RFC8460\n"}, 1),
            ("docs", {"a.h": "", "docs/a.md": "RFC8460\n"}, 1),
            ("build folders are not ours", {"a.h": "", "build/x/a.h": "// RFC8460\n"}, 0),
            ("nor is the corpus", {"a.h": "", "tests/corpus/a.txt": "RFC8460\n"}, 0),
            ("nothing there", {}, 1),
        ]:
            with self.subTest(why), tempfile.TemporaryDirectory() as root:
                write_tree(root, files)
                out = subprocess.run([sys.executable, "-B", str(HERE / "rfc_refs.py"), root],
                                     capture_output=True, text=True)
                self.assertEqual(out.returncode, status, out.stdout)


# why, file of the page, its text, what the finding says (None: no finding)
PAGES = [
    ("text is text", "a.js", "p.textContent = text;\n", None),
    ("a listener added", "a.js", "p.addEventListener('click', show);\n", None),
    ("a comparison is no listener", "a.js", "if (p.once === other) show();\n", None),
    ("a comment may name it", "a.js", "// never innerHTML\n", None),
    ("a module of the page", "a.js", "import {h} from './b.js';\n", None),
    ("Debian's script", "a.js", "await import('./chart.js');\n", None),
    ("markup", "a.js", "\np.innerHTML = text;\n", "a.js:2: makes a string into markup"),
    ("markup beside", "a.js", "p.insertAdjacentHTML('x', t);\n", "into markup"),
    ("code", "a.js", "eval(text);\n", "into code"),
    ("code later", "a.js", "setTimeout('go()', 1);\n", "into code"),
    ("a link that runs", "a.js", "const x = 'javascript:go()';\n", "into code"),
    ("a style", "a.js", "p.setAttribute('style', t);\n", "into a style"),
    ("a listener by attribute", "a.js", "p.onclick = go;\n", "a listener"),
    ("kept for ever", "a.js", "localStorage.setItem('a', 'b');\n", "beyond the tab"),
    ("from elsewhere", "a.js", "fetch('https://cdn.example/x');\n", "elsewhere"),
    ("from elsewhere, any scheme", "a.js", "fetch('//cdn.example/x');\n", "elsewhere"),
    ("a module that is not there", "a.js", "import {h} from './c.js';\n", "no file here"),
    ("a module of elsewhere", "a.js", "import {h} from 'chart';\n", "no file here"),
    ("a script in the document", "index.html", "<script>go()</script>\n", "a script in"),
    ("a style in the document", "index.html", '<p style="x">\n', "a style in"),
    ("a listener in the document", "index.html", '<p onclick="go()">\n', "a listener in"),
    ("a file that is not there", "index.html", '<img src="/page/c.svg">\n',
     "no file here"),
    ("forgotten", "c.js", "\n", "c.js: nothing loads it"),
]
# Loads every file above, so that none is found for being forgotten.
PAGE = {"index.html": '<script type="module" src="/page/a.js"></script>\n'
                      '<script type="module" src="/page/b.js"></script>\n',
        "a.js": "\n", "b.js": "import './chart.js';\n"}


class Web(unittest.TestCase):
    def test_pages(self):
        for why, name, text, want in PAGES:
            with self.subTest(why), tempfile.TemporaryDirectory() as root:
                files = dict(PAGE)
                files[name] = files["index.html"] + text if name == "index.html" else text
                write_tree(root, {f"{web.FOLDER}/{name}": text
                                  for name, text in files.items()})
                found = list(web.findings(root))
                if want is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(want, found[0])

    def test_exit_status(self):
        for why, text, status in [("clean", "\n", 0), ("a finding", "eval(x);\n", 1)]:
            with self.subTest(why), tempfile.TemporaryDirectory() as root:
                write_tree(root, {f"{web.FOLDER}/{name}": text
                                  for name, text in {**PAGE, "a.js": text}.items()})
                out = subprocess.run([sys.executable, "-B", str(HERE / "web.py"), root],
                                     capture_output=True, text=True)
                self.assertEqual(out.returncode, status, out.stdout)


class Format(unittest.TestCase):
    def test_versions(self):
        for text, want in [("Debian clang-format version 14.0.6", 14),
                           ("clang-format version 19.1.7 (3)", 19),
                           ("Ubuntu clang-format version 140.0.1", 140),
                           ("", None)]:
            with self.subTest(text):
                self.assertEqual(format_lint.major_version(text), want)

    # Runs format.py with a tool of our own, the only program on its PATH.
    def run_with(self, version, answer="exit 0"):
        with tempfile.TemporaryDirectory() as root:
            write_tree(root, {"bin/clang-format": "#!/bin/sh\n"
                              f'if [ "$1" = --version ]; then echo "{version}"; exit; fi\n'
                              + answer + "\n",
                              "tree/base/a.h": "int a;\n"})
            tool = pathlib.Path(root) / "bin" / "clang-format"
            tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
            return subprocess.run(
                [sys.executable, "-B", str(HERE / "format.py"), str(pathlib.Path(root, "tree"))],
                capture_output=True, text=True,
                env=dict(os.environ, PATH=str(tool.parent)))

    def test_other_versions_are_skipped_and_say_so(self):
        out = self.run_with("clang-format version 19.1.7")
        self.assertEqual(out.returncode, 77)
        self.assertIn("SKIPPED", out.stdout)
        self.assertIn("19.1.7", out.stdout)

    def test_exit_status(self):
        version = "clang-format version 14.0.6"
        self.assertEqual(self.run_with(version).returncode, 0)
        bad = self.run_with(version, "echo 'base/a.h:1:2: error: code should be' >&2; exit 1")
        self.assertEqual(bad.returncode, 1)
        self.assertIn("base/a.h", bad.stdout)
        # A tool that dies without naming a file must not pass for clean.
        self.assertEqual(self.run_with(version, "exit 1").returncode, 1)

    def test_the_real_tool(self):
        tool, why = format_lint.find_tool()
        if tool is None:
            self.skipTest(why)
        for text, status in [("int a;\n", 0), ("int   a;\n", 1)]:
            with self.subTest(text), tempfile.TemporaryDirectory() as root:
                write_tree(root, {"a.h": text, ".clang-format": "BasedOnStyle: Google\n"})
                out = subprocess.run([sys.executable, "-B", str(HERE / "format.py"), root],
                                     capture_output=True, text=True)
                self.assertEqual(out.returncode, status, out.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=1)
