// Writes report mails into a folder, for parse_bench, import_bench and the tests of
// import.
//
//   make_mails FOLDER COUNT [DOMAINS]
//
// One domain is firm.example; several are d0.example, d1.example, and take turns.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "tests/bench/report_mail.h"

int main(int argc, char** argv) {
  const int domains = argc == 4 ? std::atoi(argv[3]) : 1;
  if (argc < 3 || argc > 4 || domains < 1) {
    std::fprintf(stderr, "usage: make_mails FOLDER COUNT [DOMAINS]\n");
    return 64;
  }
  std::mt19937 random(8460);
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    const std::string recipient =
        domains == 1 ? "tlsrpt@firm.example"
                     : "tlsrpt@d" + std::to_string(i % domains) + ".example";
    std::ofstream file(std::string(argv[1]) + "/" + std::to_string(100000 + i) + ".eml",
                       std::ios::binary);
    file << tlsrpt::bench::MakeMail(i, recipient, random);
  }
}
