#include "base/net/tls_context.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/net/self_signed.h"

namespace tlsrpt::net {
namespace {

class TlsContextTest : public testing::Test {
 protected:
  TlsContextTest() {
    std::string pattern = testing::TempDir() + "tlsrptd-tls-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) abort();
    directory_ = pattern;
  }
  ~TlsContextTest() override { std::filesystem::remove_all(directory_); }

  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }

  static std::string Read(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
  }

  std::string directory_;
  SystemClock clock_;
};

TEST_F(TlsContextTest, MadeAtTheFirstStartAndKept) {
  const auto made = LoadOrMakeSelfSigned(directory_, "mx.firm.example", clock_);
  ASSERT_TRUE(made) << made.error().message;
  const std::string path = SelfSignedPath(directory_);
  struct stat file;
  ASSERT_EQ(stat(path.c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600u);
  const std::string text = Read(path);
  EXPECT_NE(text.find("PRIVATE KEY"), std::string::npos);

  ASSERT_TRUE(LoadOrMakeSelfSigned(directory_, "mx.firm.example", clock_));
  EXPECT_EQ(Read(path), text);
  // Nothing else was left in the folder.
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_), {}), 1);
}

TEST_F(TlsContextTest, TheCertificateIsForTheHost) {
  const auto made = LoadOrMakeSelfSigned(directory_, "mx.firm.example", clock_);
  ASSERT_TRUE(made);
  X509* certificate = SSL_CTX_get0_certificate((*made)->native());
  ASSERT_NE(certificate, nullptr);
  EXPECT_EQ(X509_check_host(certificate, "mx.firm.example", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(certificate, "other.example", 0, 0, nullptr), 0);
  EXPECT_LT(X509_cmp_current_time(X509_get0_notBefore(certificate)), 0);
  std::time_t nine_years = time(nullptr) + 9L * 365 * 86400;
  EXPECT_GT(X509_cmp_time(X509_get0_notAfter(certificate), &nine_years), 0);
  EXPECT_EQ(X509_verify(certificate, X509_get0_pubkey(certificate)), 1);
  EXPECT_EQ(EVP_PKEY_get_bits(X509_get0_pubkey(certificate)), 256);
}

TEST_F(TlsContextTest, NothingOlderThanTls12) {
  const auto made = LoadOrMakeSelfSigned(directory_, "mx.firm.example", clock_);
  ASSERT_TRUE(made);
  EXPECT_EQ(SSL_CTX_get_min_proto_version((*made)->native()), TLS1_2_VERSION);
}

TEST_F(TlsContextTest, ErrorsNameTheFile) {
  const std::string good = MakeSelfSigned("a.example", clock_.Now()).value();
  const std::string other = MakeSelfSigned("b.example", clock_.Now()).value();
  const std::string good_path = Write("good.pem", good);
  const std::string other_path = Write("other.pem", other);
  const std::string text_path = Write("text.pem", "hello\n");
  struct Row {
    const char* why;
    std::string certificate;
    std::string key;
    ErrorKind kind;
    std::string named;
  };
  const Row rows[] = {
      {"no certificate", Path("none.pem"), good_path, ErrorKind::kNotFound,
       Path("none.pem")},
      {"no key", good_path, Path("none.pem"), ErrorKind::kNotFound, Path("none.pem")},
      {"certificate is not PEM", text_path, good_path, ErrorKind::kMalformed, text_path},
      {"key is not PEM", good_path, text_path, ErrorKind::kMalformed, text_path},
      {"key of another certificate", good_path, other_path, ErrorKind::kMalformed,
       other_path},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    const auto loaded = TlsContext::Load(row.certificate, row.key);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().kind, row.kind);
    EXPECT_NE(loaded.error().message.find(row.named), std::string::npos)
        << loaded.error().message;
  }
  EXPECT_TRUE(TlsContext::Load(good_path, good_path));
}

TEST_F(TlsContextTest, AFolderThatIsNotThere) {
  const auto made = LoadOrMakeSelfSigned(Path("none"), "mx.firm.example", clock_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::kUnavailable);
  EXPECT_NE(made.error().message.find(Path("none")), std::string::npos);
}

TEST_F(TlsContextTest, WhatADeadProcessLeftIsNoObstacle) {
  Write("tls-self-signed.pem.new", "half a k");
  EXPECT_TRUE(LoadOrMakeSelfSigned(directory_, "mx.firm.example", clock_));
}

// The name goes into OpenSSL's configuration syntax.
TEST_F(TlsContextTest, HostNamesThatAreNone) {
  for (const char* name : {"", "a,DNS:b", "a b", "dir:x", "a\n"}) {
    SCOPED_TRACE(name);
    const auto made = MakeSelfSigned(name, clock_.Now());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::kMalformed);
  }
}

TEST_F(TlsContextTest, AHostNameLongerThanACommonName) {
  const std::string name = std::string(60, 'a') + "." + std::string(60, 'b') + ".example";
  EXPECT_TRUE(MakeSelfSigned(name, clock_.Now()));
}

}  // namespace
}  // namespace tlsrpt::net
