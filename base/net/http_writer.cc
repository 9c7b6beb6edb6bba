#include "base/net/http_writer.h"

#include <boost/beast/http/status.hpp>
#include <cstdio>

namespace tlsrpt::net {
namespace {

void AppendHeader(std::string_view name, std::string_view value, std::string& out) {
  out.append(name).append(": ");
  for (const char c : value) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    out += control ? ' ' : c;
  }
  out += "\r\n";
}

// RFC 9110, 15.3.5 and 15.4.5: these end at the blank line, whatever a header says.
bool MayHaveBody(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

std::string_view ReasonOf(int status) {
  namespace http = boost::beast::http;
  const auto reason = http::obsolete_reason(http::int_to_status(unsigned(status)));
  return {reason.data(), reason.size()};
}

std::string HttpDate(std::chrono::sys_seconds time) {
  using namespace std::chrono;
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed",
                                          "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[weekday(day).c_encoding()], unsigned(date.day()),
                kMonths[unsigned(date.month()) - 1], int(date.year()),
                static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return text;
}

std::string FormatResponse(const HttpResponse& response, const HttpFraming& framing) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  out.append(ReasonOf(response.status)).append("\r\n");
  AppendHeader("Date", HttpDate(framing.now), out);
  for (const auto& [name, value] : response.headers) AppendHeader(name, value, out);
  if (MayHaveBody(response.status)) {
    AppendHeader("Content-Length", std::to_string(response.body.size()), out);
  }
  if (framing.close) {
    AppendHeader("Connection", "close", out);
  } else if (framing.http_1_0) {
    AppendHeader("Connection", "keep-alive", out);
  }
  out += "\r\n";
  if (MayHaveBody(response.status) && !framing.head_only) out += response.body;
  return out;
}

}  // namespace tlsrpt::net
