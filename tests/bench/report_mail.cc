#include "tests/bench/report_mail.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <utility>

namespace tlsrpt::bench {
namespace {

std::string Gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string Base64Lines(const std::string& bytes) {
  static const char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned value = 0;
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) {
      value = value << 8 | (k < n ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= n ? kAlphabet[value >> (18 - 6 * k) & 63] : '=';
    }
    if ((column += 4) == 76) {
      out += "\r\n";
      column = 0;
    }
  }
  return out + "\r\n";
}

// A day within the last month, so that every partition it needs is there.
std::string DayBefore(int days) {
  const std::time_t then = std::time(nullptr) - 86400L * days;
  std::tm utc{};
  gmtime_r(&then, &utc);
  char text[16];
  std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
  return text;
}

}  // namespace

std::string MakeMail(int number, const std::string& recipient, std::mt19937& random) {
  const std::string domain = recipient.substr(recipient.find('@') + 1);
  const std::string day = DayBefore(2 + number % 25);
  const auto count = [&](unsigned below) { return std::to_string(random() % below); };
  const std::string id = day + "T00:00:00Z_" + domain + "_" + std::to_string(random()) +
                         std::to_string(number);
  // The mix of the reports that were looked at for it: 1.65 policies a report, 1.5
  // failure details a policy, 1.7 KB of JSON.
  constexpr std::array<const char*, 6> kTypes = {
      "certificate-expired", "certificate-host-mismatch", "starttls-not-supported",
      "validation-failure",  "certificate-not-trusted",   "sts-policy-fetch-error"};
  constexpr std::array<int, 20> kEntries = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
                                            2, 2, 2, 2, 2, 2, 2, 3, 3, 3};
  constexpr std::array<int, 20> kDetails = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1,
                                            1, 1, 2, 2, 2, 3, 3, 4, 4, 5};
  const auto address = [&] {
    return count(223) + "." + count(255) + "." + count(255) + "." + count(255);
  };
  std::string policies;
  for (int left = kEntries[random() % kEntries.size()]; left > 0; --left) {
    std::string details;
    int failures = 0;
    for (int d = kDetails[random() % kDetails.size()]; d > 0; --d) {
      const int sessions = 1 + static_cast<int>(random() % 500);
      failures += sessions;
      details += details.empty() ? "" : ",";
      details +=
          R"({"result-type":")" + std::string(kTypes[random() % kTypes.size()]) +
          R"(","sending-mta-ip":")" + address() + R"(","receiving-mx-hostname":"mx1.)" +
          domain + R"(","receiving-ip":")" + address() + R"(","failed-session-count":)" +
          std::to_string(sessions) +
          (random() % 3 == 0 ? R"(,"failure-reason-code":"X509_V_ERR_CERT_HAS_EXPIRED"})"
                             : "}");
    }
    policies += policies.empty() ? "" : ",";
    policies +=
        R"({"policy":{"policy-type":"sts","policy-string":["version: STSv1","mode: testing","mx: mx1.)" +
        domain + R"(","mx: mx2.)" + domain + R"(","max_age: 604800"],"policy-domain":")" +
        domain + R"(","mx-host":["mx1.)" + domain + R"(","mx2.)" + domain +
        R"("]},"summary":{"total-successful-session-count":)" + count(20000) +
        R"(,"total-failure-session-count":)" + std::to_string(failures) + "}";
    if (!details.empty()) policies += R"(,"failure-details":[)" + details + "]";
    policies += "}";
  }
  const std::string json =
      R"({"organization-name":"Google Inc.","date-range":{"start-datetime":")" + day +
      R"(T00:00:00Z","end-datetime":")" + day +
      R"(T23:59:59Z"},"contact-info":"smtp-tls-reporting@google.com","report-id":")" +
      id + R"(","policies":[)" + policies + "]}";
  const std::string name = "google.com!" + domain + "!1767225600!1767311999!001.json.gz";
  std::string signature;
  while (signature.size() < 344) signature += "abcdefghijklmnopqrstuvwxyz0123456789+/AB";
  return "Received: from mail-sor-f69.google.com (mail-sor-f69.google.com "
         "[209.85.220.69])\r\n        by mx." +
         domain + " with SMTPS id 98e67ed59e1d1-2d8b\r\n        for <" + recipient +
         ">; Tue, 03 Sep 2024 07:00:00 -0700 (PDT)\r\n"
         "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
         "        d=google.com; s=20230601; t=1725372000; x=1725976800;\r\n"
         "        h=to:from:subject:message-id:tls-report-submitter:tls-report-domain\r\n"
         "         :date:mime-version:from:to:cc:subject:date:message-id:reply-to;\r\n"
         "        bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;\r\n        b=" +
         signature +
         "\r\nMIME-Version: 1.0\r\nDate: Tue, 03 Sep 2024 14:00:00 -0700\r\n"
         "Message-ID: <" +
         id + "@google.com>\r\nTLS-Report-Domain: " + domain +
         "\r\nTLS-Report-Submitter: google.com\r\nSubject: Report Domain: " + domain +
         " Submitter: google.com\r\n Report-ID: <" + id +
         ">\r\nFrom: noreply-smtp-tls-reporting@google.com\r\nTo: " + recipient +
         "\r\nContent-Type: multipart/report; boundary=\"0000000000007e1b0d0621\"; "
         "report-type=tlsrpt\r\n\r\n--0000000000007e1b0d0621\r\n"
         "Content-Type: text/plain; charset=\"UTF-8\"\r\n\r\n"
         "This is an aggregate TLS report from google.com\r\n\r\n"
         "--0000000000007e1b0d0621\r\nContent-Type: application/tlsrpt+gzip; \r\n"
         "\tname=\"" +
         name + "\"\r\nContent-Disposition: attachment; \r\n\tfilename=\"" + name +
         "\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + Base64Lines(Gzip(json)) +
         "--0000000000007e1b0d0621--\r\n";
}

std::string AsData(std::string mail) { return std::move(mail) + ".\r\n"; }

}  // namespace tlsrpt::bench
