// CPU time of one report mail, from its bytes to store::Report, against the plain
// inflating of the gzip inside it.
//
//   parse_bench FOLDER [ROUNDS]
//
// FOLDER holds .eml files. Rounds of both are interleaved, so that whatever else the
// machine does falls on both alike; the ratio of the medians is the figure to compare.
// CPU seconds of the process, not of the wall.

#include <sys/resource.h>
#include <zlib.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "ingest/mail/base64.h"
#include "ingest/report/report_parser.h"
#include "ingest/unpack/gunzip.h"
#include "ingest/unpack/mime_walker.h"
#include "ingest/unpack/unpack.h"

namespace {

using tlsrpt::ingest::DecodeBase64;
using tlsrpt::ingest::LooksLikeGzip;
using tlsrpt::ingest::ParseReport;
using tlsrpt::ingest::Unpack;
using tlsrpt::ingest::WalkMime;

constexpr int kDefaultRounds = 15;

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::vector<std::string> ReadMails(const char* folder) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".eml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> mails;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    mails.emplace_back(std::istreambuf_iterator<char>(file),
                       std::istreambuf_iterator<char>());
  }
  return mails;
}

// The gzip inside each mail.
std::vector<std::string> GzipOf(const std::vector<std::string>& mails) {
  std::vector<std::string> all;
  for (const std::string& mail : mails) {
    for (const auto& part : WalkMime(mail).parts) {
      const auto decoded = DecodeBase64(part.body);
      if (decoded && LooksLikeGzip(decoded->bytes)) all.push_back(decoded->bytes);
    }
  }
  return all;
}

// The floor: zlib alone, its state and the output buffer used again for every report.
class PlainInflate {
 public:
  PlainInflate() : buffer_(1u << 20, '\0') { inflateInit2(&stream_, 15 + 16); }
  ~PlainInflate() { inflateEnd(&stream_); }
  PlainInflate(const PlainInflate&) = delete;
  PlainInflate& operator=(const PlainInflate&) = delete;

  std::size_t Run(const std::string& gz) {
    inflateReset(&stream_);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gz.data()));
    stream_.avail_in = static_cast<uInt>(gz.size());
    stream_.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream_.avail_out = static_cast<uInt>(buffer_.size());
    if (inflate(&stream_, Z_FINISH) != Z_STREAM_END) {
      throw std::runtime_error("a gzip that zlib does not take");
    }
    return stream_.total_out;
  }

 private:
  std::string buffer_;
  z_stream stream_{};
};

std::size_t Parse(const std::string& mail) {
  std::size_t results = 0;
  const auto unpacked = Unpack(mail);
  if (!unpacked) throw std::runtime_error(unpacked.error().message);
  for (const auto& part : unpacked->reports) {
    const auto report = ParseReport(part.json, {part.domain_hint});
    if (!report) throw std::runtime_error(report.error().message);
    results += report->results.size();
  }
  return results;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

template <class Item, class Work>
double MicrosecondsEach(const std::vector<Item>& items, Work work, std::size_t* sum) {
  const double start = CpuSeconds();
  for (const Item& item : items) *sum += work(item);
  return (CpuSeconds() - start) * 1e6 / static_cast<double>(items.size());
}

int Run(const char* folder, int rounds) {
  const std::vector<std::string> mails = ReadMails(folder);
  const std::vector<std::string> gzips = GzipOf(mails);
  if (mails.empty() || gzips.size() != mails.size()) {
    std::fprintf(stderr, "parse_bench: %s holds %zu mails with %zu gzip parts\n", folder,
                 mails.size(), gzips.size());
    return 1;
  }
  PlainInflate plain;
  std::size_t bytes = 0;
  std::size_t results = 0;
  std::vector<double> inflate_us, parse_us;
  for (int round = 0; round < rounds; ++round) {
    inflate_us.push_back(MicrosecondsEach(
        gzips, [&](const std::string& gz) { return plain.Run(gz); }, &bytes));
    parse_us.push_back(MicrosecondsEach(mails, Parse, &results));
  }
  const auto per_round = [&](std::size_t sum) {
    return sum / static_cast<std::size_t>(rounds);
  };
  const double a = Median(inflate_us), b = Median(parse_us);
  std::printf("mails %zu, JSON bytes %zu, policy results %zu, rounds %d\n", mails.size(),
              per_round(bytes), per_round(results), rounds);
  std::printf("inflate          median %6.2f us  best %6.2f us\n", a,
              *std::min_element(inflate_us.begin(), inflate_us.end()));
  std::printf("unpack and parse median %6.2f us  best %6.2f us\n", b,
              *std::min_element(parse_us.begin(), parse_us.end()));
  std::printf("ratio of medians %.2f\n", b / a);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: parse_bench FOLDER [ROUNDS]\n");
    return 64;
  }
  const int rounds = argc > 2 ? std::atoi(argv[2]) : kDefaultRounds;
  if (rounds < 1) {
    std::fprintf(stderr, "parse_bench: ROUNDS must be a number above 0: %s\n", argv[2]);
    return 64;
  }
  try {
    return Run(argv[1], rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "parse_bench: %s\n", error.what());
    return 1;
  }
}
