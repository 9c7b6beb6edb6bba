// CPU time of verifying a report mail with RSA-2048 and a key that is cached, against
// OpenSSL's bare verify and SHA-256 of the same bytes.
//
//   dkim_bench [ROUNDS]
//
// The mail is about 3 KB, relaxed/relaxed, as Google signs. Rounds of both are
// interleaved; the ratio of the medians is the figure to compare. CPU seconds of the
// process, not of the wall.

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <vector>

#include "ingest/dkim/key_cache.h"
#include "ingest/dkim/verify.h"
#include "tests/support/dkim/keys.h"
#include "tests/support/dkim/signer.h"

namespace {

using namespace tlsrpt;

constexpr int kDefaultRounds = 25;
constexpr int kMailsARound = 1000;

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::string ReportMail() {
  std::string mail =
      "Received: from mail-ot1-f71.google.com (mail-ot1-f71.google.com [192.0.2.1])\r\n"
      "\tby mx.firm.example with ESMTPS; Thu, 26 Nov 2026 00:00:00 +0000\r\n"
      "MIME-Version: 1.0\r\n"
      "Date: Thu, 26 Nov 2026 00:00:00 +0000\r\n"
      "From: noreply-smtp-tls-reporting@firm.example\r\n"
      "To: tlsrpt@other.example\r\n"
      "Subject: Report Domain: other.example Submitter: firm.example\r\n"
      " Report-ID: <2026.11.25T00.00.00Z+other.example@firm.example>\r\n"
      "TLS-Report-Domain: other.example\r\n"
      "TLS-Report-Submitter: firm.example\r\n"
      "Message-ID: <2026.11.25@firm.example>\r\n"
      "Content-Type: multipart/report; boundary=\"b\"; report-type=tlsrpt\r\n"
      "\r\n"
      "--b\r\n"
      "Content-Type: text/plain; charset=\"UTF-8\"\r\n"
      "\r\n"
      "This is an aggregate TLS report from firm.example\r\n"
      "\r\n"
      "--b\r\n"
      "Content-Type: application/tlsrpt+gzip\r\n"
      "Content-Transfer-Encoding: base64\r\n"
      "\r\n";
  for (int line = 0; line < 16; ++line) mail += std::string(76, 'A') + "\r\n";
  return mail + "--b--\r\n";
}

// The floor: the same signature over the same hash, and SHA-256 over as many bytes.
class Bare {
 public:
  Bare(const test::KeyPtr& key, std::string bytes)
      : key_(key),
        md_(EVP_MD_fetch(nullptr, "SHA256", nullptr)),
        bytes_(std::move(bytes)) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    std::size_t size = sizeof signature_;
    EVP_DigestSignInit(context, nullptr, md_, nullptr, key_.get());
    if (EVP_DigestSign(context, signature_, &size, Bytes(), bytes_.size()) != 1) {
      throw std::runtime_error("cannot sign");
    }
    EVP_MD_CTX_free(context);
    size_ = size;
  }
  ~Bare() { EVP_MD_free(md_); }
  Bare(const Bare&) = delete;
  Bare& operator=(const Bare&) = delete;

  void Run() {
    unsigned char digest[32];
    EVP_Digest(bytes_.data(), bytes_.size(), digest, nullptr, md_, nullptr);
    EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key_.get(), nullptr);
    EVP_PKEY_verify_init(context);
    EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING);
    EVP_PKEY_CTX_set_signature_md(context, md_);
    if (EVP_PKEY_verify(context, signature_, size_, digest, sizeof digest) != 1) {
      throw std::runtime_error("OpenSSL does not verify its own signature");
    }
    EVP_PKEY_CTX_free(context);
  }

 private:
  const unsigned char* Bytes() const {
    return reinterpret_cast<const unsigned char*>(bytes_.data());
  }

  test::KeyPtr key_;
  EVP_MD* md_;
  std::string bytes_;
  unsigned char signature_[512];
  std::size_t size_ = 0;
};

template <class Work>
double MicrosecondsEach(Work work) {
  const double start = CpuSeconds();
  for (int i = 0; i < kMailsARound; ++i) work();
  return (CpuSeconds() - start) * 1e6 / kMailsARound;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Run(int rounds) {
  const auto now =
      std::chrono::time_point_cast<TimePoint::duration>(std::chrono::system_clock::now());
  const test::KeyPtr& key = test::RsaKey(2048);
  const std::string mail = test::Sign(
      ReportMail(),
      {.key = key,
       .signed_fields = "mime-version:date:from:to:subject:tls-report-domain:"
                        "tls-report-submitter:message-id:from:to:cc:subject:date"});
  ingest::DkimKeyAnswer answer;
  answer.status = ingest::DkimKeyAnswer::Status::kFound;
  answer.records = {test::RecordOf(key)};
  const ingest::DkimKeyLookup keys = [&answer](const std::string&) { return answer; };
  ingest::DkimKeyCache cache;
  Bare bare(key, mail);

  std::vector<double> bare_us, verify_us, names_us;
  for (int round = 0; round < rounds; ++round) {
    bare_us.push_back(MicrosecondsEach([&] { bare.Run(); }));
    verify_us.push_back(MicrosecondsEach([&] {
      const auto results = ingest::VerifyDkim(mail, keys, now, &cache);
      if (results.size() != 1 || results[0].outcome != ingest::DkimOutcome::kPass) {
        throw std::runtime_error("a mail that does not verify");
      }
    }));
    names_us.push_back(MicrosecondsEach([&] {
      if (ingest::DkimKeyNames(mail, now).size() != 1) throw std::runtime_error("names");
    }));
  }
  std::printf("mail %zu bytes, %d mails a round, %d rounds\n", mail.size(), kMailsARound,
              rounds);
  std::printf("bare verify and SHA-256  median %6.2f us\n", Median(bare_us));
  std::printf("VerifyDkim               median %6.2f us\n", Median(verify_us));
  std::printf("DkimKeyNames             median %6.2f us\n", Median(names_us));
  std::printf("ratio of medians %.2f\n", Median(verify_us) / Median(bare_us));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : kDefaultRounds;
  if (rounds < 1) {
    std::fprintf(stderr, "dkim_bench: ROUNDS must be a number above 0: %s\n", argv[1]);
    return 64;
  }
  try {
    return Run(rounds);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "dkim_bench: %s\n", error.what());
    return 1;
  }
}
