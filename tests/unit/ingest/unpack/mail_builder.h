// Makes the mails, gzip and zip files that the tests of ingest/unpack and ingest/report
// feed in. Written here and not with the code under test, so that a mistake does not
// cancel itself out.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tlsrpt::ingest::testing {

inline std::string Deflate(std::string_view bytes, int window_bits, int level = 6) {
  z_stream stream{};
  deflateInit2(&stream, level, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, bytes.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

inline std::string Gzip(std::string_view bytes) { return Deflate(bytes, 15 + 16); }

inline std::string Base64(std::string_view bytes, std::size_t line_bytes = 76) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::size_t in_line = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) -> std::uint32_t {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u;
    };
    const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += kAlphabet[bits >> 18];
    out += kAlphabet[bits >> 12 & 63];
    out += i + 1 < bytes.size() ? kAlphabet[bits >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? kAlphabet[bits & 63] : '=';
    in_line += 4;
    if (line_bytes > 0 && in_line >= line_bytes) {
      out += "\r\n";
      in_line = 0;
    }
  }
  return out;
}

inline std::string Little(std::uint64_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i) out += static_cast<char>(value >> (8 * i) & 255);
  return out;
}

struct ZipFile {
  std::string name;
  std::string bytes;
  bool stored = false;
  unsigned flags = 0;
  int method = -1;                              // overrides the true one
  std::uint32_t crc_xor = 0;                    // damages the CRC
  bool sizes_follow = false;                    // in a data descriptor
  std::uint64_t packed_as = ~std::uint64_t{0};  // overrides the packed size
};

// A zip archive; without its directory if `directory` is false.
inline std::string Zip(const std::vector<ZipFile>& files, bool directory = true) {
  std::string out, central;
  for (const ZipFile& file : files) {
    const std::string packed = file.stored ? file.bytes : Deflate(file.bytes, -15);
    const int method = file.method >= 0 ? file.method : file.stored ? 0 : 8;
    const std::uint64_t size =
        file.packed_as != ~std::uint64_t{0} ? file.packed_as : packed.size();
    const auto crc = static_cast<std::uint32_t>(
        crc32_z(0, reinterpret_cast<const Bytef*>(file.bytes.data()), file.bytes.size()) ^
        file.crc_xor);
    const unsigned flags = file.flags | (file.sizes_follow ? 8u : 0u);
    const std::string sums =
        Little(crc, 4) + Little(size, 4) + Little(file.bytes.size(), 4);
    const std::string common = Little(20, 2) + Little(flags, 2) +
                               Little(static_cast<unsigned>(method), 2) + Little(0, 4);
    const std::size_t at = out.size();
    out += "PK\x03\x04" + common + (file.sizes_follow ? std::string(12, '\0') : sums) +
           Little(file.name.size(), 2) + Little(0, 2) + file.name + packed;
    if (file.sizes_follow) out += "PK\x07\x08" + sums;
    central += "PK\x01\x02" + Little(20, 2) + common + sums +
               Little(file.name.size(), 2) + Little(0, 2) + Little(0, 2) + Little(0, 2) +
               Little(0, 2) + Little(0, 4) + Little(at, 4) + file.name;
  }
  if (!directory) return out;
  const std::size_t at = out.size();
  return out + central + "PK\x05\x06" + Little(0, 4) + Little(files.size(), 2) +
         Little(files.size(), 2) + Little(central.size(), 4) + Little(at, 4) +
         Little(0, 2);
}

// An archive whose directory names one and the same file `count` times.
inline std::string OverlappingZip(const ZipFile& file, std::size_t count) {
  const std::string once = Zip({file});
  const std::size_t entry_bytes = 46 + file.name.size();
  const std::size_t at = once.size() - 22 - entry_bytes;
  std::string out = once.substr(0, at);
  for (std::size_t i = 0; i < count; ++i) out += once.substr(at, entry_bytes);
  return out + "PK\x05\x06" + Little(0, 4) + Little(count, 2) + Little(count, 2) +
         Little(count * entry_bytes, 4) + Little(at, 4) + Little(0, 2);
}

// `gz` with another check sum.
inline std::string WithBadCrc(std::string gz) {
  gz[gz.size() - 8] = static_cast<char>(gz[gz.size() - 8] ^ 1);
  return gz;
}

// A report that says `domain` had `success` good sessions on 2026-04-01.
inline std::string Json(std::string_view domain = "firm.example", int success = 7) {
  return R"({"organization-name":"Mail Example","date-range":{)"
         R"("start-datetime":"2026-04-01T00:00:00Z","end-datetime":"2026-04-01T23:59:59Z"},)"
         R"("contact-info":"tlsrpt@mail.example","report-id":"2026-04-01_)" +
         std::string(domain) +
         R"(","policies":[{"policy":{"policy-type":"no-policy-found","policy-domain":")" +
         std::string(domain) + R"("},"summary":{"total-successful-session-count":)" +
         std::to_string(success) + R"(,"total-failure-session-count":0}}]})";
}

// The header of a report mail as most reporters write it, without Content-Type.
inline std::string Header(std::string_view domain = "firm.example") {
  return "From: tlsrpt@mail.example\r\nTo: tlsrpt@firm.example\r\n"
         "TLS-Report-Domain: " +
         std::string(domain) +
         "\r\nTLS-Report-Submitter: mail.example\r\n"
         "Subject: Report Domain: " +
         std::string(domain) +
         " Submitter: mail.example\r\n Report-ID: <1@mail.example>\r\n"
         "MIME-Version: 1.0\r\n";
}

inline constexpr std::string_view kReportType =
    "Content-Type: multipart/report; report-type=tlsrpt; boundary=\"b\"\r\n\r\n";

inline std::string TextPart() {
  return "--b\r\nContent-Type: text/plain\r\n\r\nThis is a report.\r\n";
}

// A part with `body` as it is.
inline std::string Part(std::string_view fields, std::string_view body) {
  return "--b\r\n" + std::string(fields) + "\r\n\r\n" + std::string(body) + "\r\n";
}

// A gzip part as Google sends it.
inline std::string GzipPart(std::string_view json) {
  return Part(
      "Content-Type: application/tlsrpt+gzip; \r\n\tname=\"mail.example!firm.example!1!2!"
      "001.json.gz\"\r\nContent-Disposition: attachment; \r\n\tfilename=\"mail.example!"
      "firm.example!1!2!001.json.gz\"\r\nContent-Transfer-Encoding: base64",
      Base64(Gzip(json)));
}

inline std::string ReportMail(std::string_view json = Json()) {
  return Header() + std::string(kReportType) + TextPart() + GzipPart(json) + "--b--\r\n";
}

}  // namespace tlsrpt::ingest::testing
