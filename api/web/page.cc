#include "api/web/page.h"

#include <algorithm>
#include <string>

#include "api/web/embedded_files.h"

namespace tlsrpt::api {
namespace {

constexpr std::string_view kDocument = "index.html";
constexpr std::string_view kFolder = "/page/";

struct MediaType {
  std::string_view ending;
  std::string_view type;
};

// A browser that is told `nosniff` runs a module of no other type than this.
constexpr MediaType kMediaTypes[] = {
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".svg", "image/svg+xml"},
};

// Nothing for what the page does not serve.
std::optional<std::string_view> MediaTypeOf(std::string_view name) {
  for (const MediaType& of : kMediaTypes) {
    if (name.ends_with(of.ending)) return of.type;
  }
  return std::nullopt;
}

std::optional<std::string_view> NameOf(std::string_view path) {
  if (path == "/") return kDocument;
  if (!path.starts_with(kFolder)) return std::nullopt;
  const std::string_view name = path.substr(kFolder.size());
  if (name == kDocument) return std::nullopt;  // one address each
  return name;
}

}  // namespace

std::optional<Answer> FindPageFile(std::string_view path) {
  const auto name = NameOf(path);
  if (!name) return std::nullopt;
  const auto type = MediaTypeOf(*name);
  if (!type) return std::nullopt;
  const auto files = embedded::Files();
  const auto file = std::find_if(files.begin(), files.end(),
                                 [&](const auto& one) { return one.name == *name; });
  if (file == files.end()) return std::nullopt;
  return Answer{.content_type = std::string(*type),
                .body = std::string(file->bytes),
                .content_security_policy = kPagePolicy};
}

}  // namespace tlsrpt::api
