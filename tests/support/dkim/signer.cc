#include "tests/support/dkim/signer.h"

#include <openssl/evp.h>

#include <stdexcept>
#include <vector>

#include "base/text.h"

namespace tlsrpt::test {
namespace {

std::string Base64(const std::string& bytes) {
  std::string text(bytes.size() / 3 * 4 + 5, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string Digest(const std::string& bytes, const EVP_MD* md) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest, &size, md, nullptr);
  return {reinterpret_cast<char*>(digest), size};
}

std::string SignBytes(const std::string& bytes, const KeyPtr& key, const EVP_MD* md) {
  const bool ed25519 = EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_ED25519;
  const std::string message = ed25519 ? Digest(bytes, EVP_sha256()) : bytes;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::string signature(2048, '\0');
  std::size_t size = signature.size();
  const bool good =
      EVP_DigestSignInit(context, nullptr, ed25519 ? nullptr : md, nullptr, key.get()) ==
          1 &&
      EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()),
                     message.size()) == 1;
  EVP_MD_CTX_free(context);
  if (!good) throw std::runtime_error("cannot sign");
  signature.resize(size);
  return signature;
}

// The fields of a header, with their line breaks.
std::vector<std::string> Fields(const std::string& header) {
  std::vector<std::string> fields;
  for (std::size_t at = 0; at < header.size();) {
    std::size_t end = header.find("\r\n", at) + 2;
    const bool folded = header[at] == ' ' || header[at] == '\t';
    if (folded && !fields.empty()) {
      fields.back() += header.substr(at, end - at);
    } else {
      fields.push_back(header.substr(at, end - at));
    }
    at = end;
  }
  return fields;
}

// Without line breaks, and with one blank for blanks.
std::string Squeeze(const std::string& text) {
  std::string squeezed;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, "\r\n") == 0) {
      ++i;
    } else if (text[i] != ' ' && text[i] != '\t') {
      squeezed += text[i];
    } else if (!squeezed.ends_with(' ')) {
      squeezed += ' ';
    }
  }
  return squeezed;
}

}  // namespace

std::string CanonicalHeaderField(std::string_view raw, bool relaxed) {
  std::string field(raw);
  if (!relaxed) return field;
  const std::size_t colon = field.find(':');
  return ToLowerAscii(Trim(field.substr(0, colon))) + ":" +
         std::string(Trim(Squeeze(field.substr(colon + 1)))) + "\r\n";
}

std::string CanonicalBody(std::string_view body, bool relaxed) {
  std::string text;
  for (std::string_view rest = body; !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    std::string line(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    if (relaxed) line = Squeeze(line);
    if (relaxed && line.ends_with(' ')) line.pop_back();
    text += line + "\r\n";
  }
  while (text.ends_with("\r\n\r\n")) text.resize(text.size() - 2);
  if (text == "\r\n" || text.empty()) text = relaxed ? "" : "\r\n";
  return text;
}

std::string Sign(const std::string& mail, const SignOptions& options) {
  const std::size_t split = mail.find("\r\n\r\n");
  const std::string header = mail.substr(0, split + 2);
  const std::string body = mail.substr(split + 4);
  const bool relaxed_header = options.form.starts_with("relaxed");
  const bool relaxed_body = options.form.ends_with("/relaxed");
  const bool ed25519 = EVP_PKEY_get_base_id(options.key.get()) == EVP_PKEY_ED25519;
  const std::string algorithm = !options.algorithm.empty() ? options.algorithm
                                : ed25519                  ? "ed25519-sha256"
                                                           : "rsa-sha256";
  const EVP_MD* md = algorithm.ends_with("sha1") ? EVP_sha1() : EVP_sha256();

  std::string body_text = CanonicalBody(body, relaxed_body);
  if (options.more.starts_with("l=")) {
    body_text.resize(std::stoul(options.more.substr(2)));
  }
  std::string signature = "DKIM-Signature: v=" + options.version + "; a=" + algorithm +
                          "; d=" + options.domain + "; s=" + options.selector + ";\r\n\t";
  if (!options.form.empty()) signature += "c=" + options.form + "; ";
  signature +=
      options.more + "h=" + options.signed_fields + ";\r\n bh=" +
      (options.body_hash.empty() ? Base64(Digest(body_text, md)) : options.body_hash) +
      ";\r\n b=";

  std::string text;
  std::vector<std::string> fields = Fields(header);
  for (const std::string_view name : Split(options.signed_fields, ':')) {
    for (std::size_t i = fields.size(); i-- > 0;) {
      const std::string of(Trim(fields[i].substr(0, fields[i].find(':'))));
      if (!EqualsIgnoreCase(of, Trim(name))) continue;
      text += CanonicalHeaderField(fields[i], relaxed_header);
      fields[i] = ":";
      break;
    }
  }
  std::string last = CanonicalHeaderField(signature + "\r\n", relaxed_header);
  last.resize(last.size() - 2);
  text += last;
  signature += options.signature.empty() ? Base64(SignBytes(text, options.key, md))
                                         : options.signature;
  return signature + "\r\n" + mail;
}

}  // namespace tlsrpt::test
