// Writes report mails into a folder, for parse_bench.
//
//   make_mails FOLDER COUNT

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>

#include "tests/bench/report_mail.h"

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: make_mails FOLDER COUNT\n");
    return 64;
  }
  std::mt19937 random(8460);
  for (int i = 0; i < std::atoi(argv[2]); ++i) {
    std::ofstream file(std::string(argv[1]) + "/" + std::to_string(100000 + i) + ".eml",
                       std::ios::binary);
    file << tlsrpt::bench::MakeMail(i, "tlsrpt@firm.example", random);
  }
}
