#include "ingest/report/failure_details.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/text.h"
#include "ingest/report/fields.h"

namespace tlsrpt::ingest {
namespace {

using store::AnomalyCode;
using store::FailureDetail;
using store::ResultType;

enum Slot : std::size_t {
  kResultType,
  kSessions,
  kSendingIp,
  kReceivingIp,
  kMx,
  kHelo,
  kReason,
  kInformation,
};

// Room for so many at once, and no more: an array may hold a million of what is no
// detail.
constexpr std::size_t kUsualDetails = 16;

constexpr MemberName kNames[] = {
    {"result-type", kResultType},
    {"failed-session-count", kSessions},
    {"sending-mta-ip", kSendingIp},
    {"receiving-ip", kReceivingIp},
    {"receiving-mx-hostname", kMx},
    {"receiving-mx-helo", kHelo},
    {"failure-reason-code", kReason},
    {"additional-information", kInformation},
    {"receiving-mx-host-name", kMx, true},        // SocketLabs
    {"failure-error-code", kReason, true},        // drafts, Comcast's processor
    {"additional-info-uri", kInformation, true},  // the field list of RFC 8460, 4.4
    {"session-count", kSessions, true},           // drafts before 2017-11
};

void ReadResultType(const Members& members, const Path& detail_path, Notes& notes,
                    FailureDetail* detail) {
  const Path path = detail_path.Member("result-type");
  std::string text =
      ReadText(members.First(kResultType), Presence::kRequired, path, notes);
  const std::optional<ResultType> type = store::ResultTypeOf(Trim(text));
  bool same = true;
  members.ForEach(kResultType, [&](const JsonValue& value) {
    same = same && value.Is(JsonKind::kString) &&
           store::ResultTypeOf(Trim(value.text())) == type;
  });
  if (type && same) {
    detail->result_type = *type;
    return;
  }
  if (!type && !text.empty()) notes.Add(AnomalyCode::kUnknownName, path, text);
  detail->result_type_text = std::move(text);
}

// The largest of the values; 1 where there is none to be read, since a detail without a
// failure would not have been written.
std::int64_t ReadSessions(const Members& members, const Path& detail_path, Notes& notes) {
  const Path path = detail_path.Member("failed-session-count");
  if (members.IsAbsent(kSessions)) notes.Add(AnomalyCode::kFieldMissing, path);
  std::int64_t sessions = 0;
  bool unreadable = members.IsAbsent(kSessions);
  members.ForEach(kSessions, [&](const JsonValue& value) {
    const Count count = ReadCount(value, Rounding::kUp, path, notes);
    sessions = std::max(sessions, count.sessions);
    unreadable |= count.state != Count::State::kRead;
  });
  return unreadable ? std::max<std::int64_t>(sessions, 1) : sessions;
}

// Into `detail`, which is new.
void ReadDetail(const JsonValue& value, const Path& path, Notes& notes,
                FailureDetail* detail) {
  if (!value.Is(JsonKind::kObject)) {
    notes.Add(AnomalyCode::kWrongType, path);
    detail->failed_sessions = 1;
    // A bare string is most likely the result type, and is shown as such.
    if (value.Is(JsonKind::kString)) {
      detail->result_type_text = CleanText(value.text(), path, notes);
    }
    return;
  }
  Members members(kNames);
  members.Read(value, path, notes);
  const auto text = [&](Slot slot, const char* name) {
    return ReadText(members.First(slot), Presence::kOptional, path.Member(name), notes);
  };
  ReadResultType(members, path, notes, detail);
  detail->failed_sessions = ReadSessions(members, path, notes);
  detail->sending_mta_ip =
      ReadAddress(members.First(kSendingIp), path.Member("sending-mta-ip"), notes);
  detail->receiving_ip =
      ReadAddress(members.First(kReceivingIp), path.Member("receiving-ip"), notes);
  detail->receiving_mx =
      ReadHost(members.First(kMx), path.Member("receiving-mx-hostname"), notes);
  detail->helo = text(kHelo, "receiving-mx-helo");
  detail->reason = text(kReason, "failure-reason-code");
  detail->information = text(kInformation, "additional-information");
}

// The sessions of a detail that is not kept.
std::int64_t CutSessions(const JsonValue& value, const Path& path) {
  Notes ignored;
  Members members(kNames);
  if (value.Is(JsonKind::kObject)) members.Read(value, path, ignored);
  return ReadSessions(members, path, ignored);
}

class DetailReader {
 public:
  DetailReader(const Path& path, Notes& notes, std::size_t* left, FailureDetails* details)
      : path_(path), notes_(notes), left_(left), details_(details) {}

  void ReadList(const JsonValue& value) {
    switch (value.kind()) {
      case JsonKind::kNull:  // mox
        return;
      case JsonKind::kArray:
        if (details_->kept.empty()) {
          details_->kept.reserve(std::min({value.size(), *left_, kUsualDetails}));
        }
        for (const JsonValue element : value) ReadOne(element);
        return;
      case JsonKind::kObject:
        notes_.Add(AnomalyCode::kWrongType, path_.Member("failure-details"));
        ReadOne(value);
        return;
      default:
        notes_.Add(AnomalyCode::kWrongType, path_.Member("failure-details"));
        details_->unreadable = true;
    }
  }

 private:
  void ReadOne(const JsonValue& value) {
    const Path path = path_.Element("failure-details", index_++);
    if (*left_ == 0) {
      if (details_->cut_sessions == 0) {
        notes_.Add(AnomalyCode::kListCut, path_.Member("failure-details"));
      }
      details_->cut_sessions += CutSessions(value, path);
      return;
    }
    --*left_;
    FailureDetail& detail = details_->kept.emplace_back();
    ReadDetail(value, path, notes_, &detail);
    details_->kept_sessions += detail.failed_sessions;
  }

  const Path& path_;
  Notes& notes_;
  std::size_t* left_;
  FailureDetails* details_;
  std::size_t index_ = 0;
};

}  // namespace

FailureDetails ReadFailureDetails(const Members& result_members, std::size_t slot,
                                  const Path& result_path, Notes& notes,
                                  std::size_t* left) {
  FailureDetails details;
  DetailReader reader(result_path, notes, left, &details);
  result_members.ForEach(slot, [&](const JsonValue& value) { reader.ReadList(value); });
  return details;
}

}  // namespace tlsrpt::ingest
