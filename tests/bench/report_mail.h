// Report mails for load: each of about 3 KB, with a gzipped report whose id, day and
// counts are its own, in Google's form. No line begins with a dot.
#pragma once

#include <random>
#include <string>

namespace tlsrpt::bench {

std::string MakeMail(int number, const std::string& recipient, std::mt19937& random);

// The mail as it follows DATA, with the final dot.
std::string AsData(std::string mail);

}  // namespace tlsrpt::bench
