#include "store/pg/pg_error.h"

#include <cctype>

#include "sql/embedded_sql.h"

namespace tlsrpt::store {
namespace {

bool IsNameByte(char c) {
  return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

// True when `line` holds `name` as a whole word.
bool HoldsWord(std::string_view line, std::string_view name) {
  for (std::size_t at = line.find(name); at != std::string_view::npos;
       at = line.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !IsNameByte(line[at - 1])) &&
        (end == line.size() || !IsNameByte(line[end]))) {
      return true;
    }
  }
  return false;
}

// True when `line` names a CONSTRAINT of our migrations.
bool NamesAConstraint(std::string_view line) {
  constexpr std::string_view kKeyword = "CONSTRAINT ";
  for (const sql::SqlFile& file : sql::Files()) {
    const std::string_view text = file.text;
    for (std::size_t at = text.find(kKeyword); at != std::string_view::npos;
         at = text.find(kKeyword, at + 1)) {
      std::size_t begin = at + kKeyword.size();
      while (begin < text.size() && text[begin] == ' ') ++begin;
      std::size_t end = begin;
      while (end < text.size() && IsNameByte(text[end])) ++end;
      if (end > begin && HoldsWord(line, text.substr(begin, end - begin))) return true;
    }
  }
  return false;
}

// A row without a partition and a row against a CHECK are both 23514. Only the second
// names a constraint, and every constraint of ours has a name; the words around it are
// in the server's language. Only the first line counts: the DETAIL quotes the row.
bool SaysNoPartition(std::string_view message) {
  const std::string_view line = message.substr(0, message.find('\n'));
  return line.find("no partition of relation") != std::string_view::npos ||
         (line.find("check constraint") == std::string_view::npos &&
          !NamesAConstraint(line));
}

PgFailure FailureOf(std::string_view sqlstate, std::string_view message) {
  if (sqlstate == "23514" && SaysNoPartition(message)) return PgFailure::kNoPartition;
  const std::string_view kind = sqlstate.substr(0, 2);
  // 54, a limit of the program: an index row, a statement, a field that is too large is
  // so because of what is in it, and would be each time.
  if (kind == "22" || kind == "23" || kind == "54") return PgFailure::kBadData;
  // 08 connection, 40 rolled back by the server, 53 out of a resource, 58 its system.
  if (kind == "08" || kind == "40" || kind == "53" || kind == "58") {
    return PgFailure::kRetry;
  }
  // 57P* going down or not up yet, 57014 time-out, 55P03 lock not to be had, 25006 a
  // standby: the next connection finds the new primary.
  if (sqlstate.substr(0, 3) == "57P" || sqlstate == "57014" || sqlstate == "55P03" ||
      sqlstate == "25006") {
    return PgFailure::kRetry;
  }
  return PgFailure::kOther;
}

ErrorKind KindOf(PgFailure what) {
  switch (what) {
    case PgFailure::kRetry:
    case PgFailure::kCommitUnknown:
    case PgFailure::kNoPartition:
      return ErrorKind::kUnavailable;
    case PgFailure::kBadData:
      return ErrorKind::kMalformed;
    case PgFailure::kOther:
      return ErrorKind::kInternal;
  }
  return ErrorKind::kInternal;
}

}  // namespace

PgError ErrorOfSqlstate(std::string_view sqlstate, std::string_view message) {
  const PgFailure what = FailureOf(sqlstate, message);
  while (!message.empty() && message.back() == '\n') message.remove_suffix(1);
  std::string text = "PostgreSQL";
  if (!sqlstate.empty()) text.append(" ").append(sqlstate);
  text.append(": ");
  for (const char c : message) {  // one line, for the log
    if (c == '\n') {
      text.append("; ");
    } else {
      text.push_back(c);
    }
  }
  return PgError{Error{KindOf(what), std::move(text)}, std::string(sqlstate), what};
}

std::string_view NameOf(PgFailure what) {
  switch (what) {
    case PgFailure::kRetry:
      return "retry";
    case PgFailure::kCommitUnknown:
      return "commit_unknown";
    case PgFailure::kBadData:
      return "bad_data";
    case PgFailure::kNoPartition:
      return "no_partition";
    case PgFailure::kOther:
      return "other";
  }
  return "other";
}

}  // namespace tlsrpt::store
