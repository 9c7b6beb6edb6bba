#include "ingest/unpack/mime_walker.h"

#include <optional>
#include <utility>

#include "base/text.h"

namespace tlsrpt::ingest {
namespace {

// A multipart that is open at the place of reading.
struct Level {
  std::string boundary;
  std::string position;  // of its parts, without the number: "1."
  std::size_t message = 0;
  int depth = 0;
  int parts = 0;
  bool direct = false;  // its parts are direct
  bool digest = false;  // its parts are messages, if they do not say what they are
};

// One entity: a header, and a body that is a leaf, a multipart or a message.
struct Entity {
  std::size_t message = 0;
  std::string position = {};
  int depth = 0;
  bool is_message = false;
  bool direct = false;
  bool in_digest = false;
};

struct Delimiter {
  std::size_t line_at = 0;
  std::size_t next_at = 0;  // where the line after it starts
  std::size_t level = 0;
  bool close = false;
};

class Walker {
 public:
  explicit Walker(std::string_view mail) : mail_(mail) {}

  MimeWalk Run() {
    walk_.parts.reserve(2);  // of a report
    std::optional<Entity> next = Entity{.is_message = true};
    while (next) next = ReadEntity(*next);
    return std::move(walk_);
  }

 private:
  // Reads the entity at `at_`; gives the one to read after it, at `at_` again.
  std::optional<Entity> ReadEntity(const Entity& entity) {
    if (++entities_ > kMaxMimeParts) {
      LeaveOut("mail: more than " + std::to_string(kMaxMimeParts) +
               " parts; the rest was left out");
      return std::nullopt;
    }
    HeaderBlock header = ReadHeaderBlock(TakeHeader());
    const std::string type_said = header.Value("Content-Type");
    ContentType type = ParseContentType(type_said);
    // RFC 2046, 5.1.5.
    if (entity.in_digest && type_said.empty()) type.type = "message/rfc822";
    const std::size_t message =
        entity.is_message ? walk_.messages.size() : entity.message;
    const bool multipart = type.type.starts_with("multipart/") && !type.boundary.empty();
    // Even if the field cannot be read: its parts may be lost then, and in them a report.
    const bool claims = (multipart || entity.is_message) &&
                        ToLowerAscii(type_said).find("tlsrpt") != std::string::npos;
    const bool wraps = !multipart && IsPlainMessage(header, type);
    const bool leaf = !multipart && !wraps;
    if (entity.is_message) {
      if (header.cut) {
        LeaveOut("mail" + At(entity.position) + ": a header too long; fields left out");
      }
      // A leaf needs its own.
      walk_.messages.push_back({leaf ? header : std::move(header), type, false});
    }
    if (claims) walk_.messages[message].claims_tlsrpt = true;

    if (!leaf && entity.depth >= kMaxMimeDepth) {
      LeaveOut("mail: nested deeper than " + std::to_string(kMaxMimeDepth) +
               " levels; part" + At(entity.position) + " was left out");
      return ToNextDelimiter(nullptr);
    }
    if (multipart) {
      const bool top_report = entity.is_message && message == 0 &&
                              type.type == "multipart/report" &&
                              type.report_type == "tlsrpt";
      levels_.push_back(
          {std::move(type.boundary), entity.position.empty() ? "" : entity.position + ".",
           message, entity.depth + 1, 0, top_report, type.type == "multipart/digest"});
      return ToNextDelimiter(nullptr);
    }
    if (wraps) {
      return Entity{.message = message,
                    .position = entity.position,
                    .depth = entity.depth + 1,
                    .is_message = true};
    }
    MimePart& part = walk_.parts.emplace_back();
    part.message = message;
    part.header = std::move(header);
    part.type = std::move(type);
    part.position = entity.position;
    part.direct = entity.direct || (entity.is_message && message == 0);
    return ToNextDelimiter(&part.body);
  }

  // The header at `at_`, up to an empty line or a delimiter. Leaves `at_` behind it.
  std::string_view TakeHeader() {
    const std::size_t from = at_;
    while (at_ < mail_.size()) {
      const std::size_t line = at_;
      std::size_t end = mail_.find('\n', line);
      const std::size_t next = end == std::string_view::npos ? mail_.size() : end + 1;
      if (end == std::string_view::npos) end = mail_.size();
      const std::size_t text_bytes =
          end - line - (end > line && mail_[end - 1] == '\r' ? 1 : 0);
      if (text_bytes == 0) {
        at_ = next;
        return mail_.substr(from, line - from);
      }
      if (DelimiterAt(line)) return mail_.substr(from, line - from);
      at_ = next;
    }
    return mail_.substr(from);
  }

  // Skips to the next delimiter; what lay before it is `*body`, if asked for. Gives the
  // entity that starts there.
  std::optional<Entity> ToNextDelimiter(std::string_view* body) {
    bool first = true;
    for (;;) {
      const std::size_t from = at_;
      const std::optional<Delimiter> delimiter = FindDelimiter();
      if (first && body != nullptr) {
        // RFC 2046, 5.1.1: the line break before a delimiter belongs to it.
        std::size_t end = delimiter ? delimiter->line_at : mail_.size();
        if (delimiter && end > from) --end;
        if (delimiter && end > from && mail_[end - 1] == '\r') --end;
        *body = mail_.substr(from, end - from);
      }
      first = false;
      if (!delimiter) return std::nullopt;
      at_ = delimiter->next_at;
      // A delimiter of an outer multipart ends the inner ones, closed or not.
      levels_.resize(delimiter->level + (delimiter->close ? 0 : 1));
      if (delimiter->close) continue;  // what follows is an epilogue
      Level& level = levels_.back();
      return Entity{.message = level.message,
                    .position = level.position + std::to_string(++level.parts),
                    .depth = level.depth,
                    .direct = level.direct,
                    .in_digest = level.digest};
    }
  }

  std::optional<Delimiter> FindDelimiter() const {
    if (levels_.empty()) return std::nullopt;
    for (std::size_t line = at_;;) {
      if (auto found = DelimiterAt(line)) return found;
      const std::size_t newline = mail_.find("\n--", line);
      if (newline == std::string_view::npos) return std::nullopt;
      line = newline + 1;
    }
  }

  std::optional<Delimiter> DelimiterAt(std::size_t line) const {
    if (levels_.empty() || mail_.substr(line, 2) != "--") return std::nullopt;
    std::size_t end = mail_.find('\n', line);
    const std::size_t next = end == std::string_view::npos ? mail_.size() : end + 1;
    if (end == std::string_view::npos) end = mail_.size();
    std::string_view text = mail_.substr(line + 2, end - line - 2);
    // Blanks may have been added on the way ("transport padding").
    text = text.substr(0, text.find_last_not_of(" \t\r") + 1);
    for (std::size_t i = levels_.size(); i-- > 0;) {
      const std::string& boundary = levels_[i].boundary;
      if (text == boundary) return Delimiter{line, next, i, false};
      if (text.size() == boundary.size() + 2 && text.ends_with("--") &&
          text.starts_with(boundary)) {
        return Delimiter{line, next, i, true};
      }
    }
    return std::nullopt;
  }

  // RFC 2046, 5.2.1: a message/rfc822 may not be encoded. One that is (some gateways
  // do) stays a leaf.
  static bool IsPlainMessage(const HeaderBlock& header, const ContentType& type) {
    if (type.type != "message/rfc822" && type.type != "message/global") return false;
    const std::string encoding =
        ParseTransferEncoding(header.Value("Content-Transfer-Encoding"));
    return encoding != "base64" && encoding != "quoted-printable";
  }

  static std::string At(const std::string& position) {
    return position.empty() ? "" : " " + position;
  }

  void LeaveOut(std::string message) {
    walk_.left_out.push_back({ErrorKind::kTooLarge, std::move(message)});
  }

  std::string_view mail_;
  std::size_t at_ = 0;
  std::size_t entities_ = 0;
  std::vector<Level> levels_;
  MimeWalk walk_;
};

}  // namespace

MimeWalk WalkMime(std::string_view mail) { return Walker(mail).Run(); }

}  // namespace tlsrpt::ingest
