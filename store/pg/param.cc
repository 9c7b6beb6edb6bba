#include "store/pg/param.h"

#include "store/pg/quote.h"

namespace tlsrpt::store {
namespace {

// An array of values that need no quotes inside the braces.
template <class Values, class Append>
std::string PlainArray(const Values& values, Append append) {
  std::string out = "{";
  for (const auto& value : values) {
    if (out.size() > 1) out.push_back(',');
    append(out, value);
  }
  out.push_back('}');
  return out;
}

}  // namespace

Param::Param(std::chrono::sys_days day) { AppendDate(text_.emplace(), day); }

Param::Param(TimePoint time) { AppendTime(text_.emplace(), time); }

Param::Param(Bytes value) { AppendBytes(text_.emplace(), value.bytes); }

Param::Param(const std::vector<std::string>& array) {
  AppendTextArray(text_.emplace(), array);
}

Param::Param(const std::vector<std::int64_t>& array)
    : text_(PlainArray(array, AppendInt)) {}

Param::Param(const std::vector<Uuid>& array) : text_(PlainArray(array, AppendUuid)) {}

Param::Param(const std::vector<std::chrono::sys_days>& array)
    : text_(PlainArray(array, AppendDate)) {}

}  // namespace tlsrpt::store
