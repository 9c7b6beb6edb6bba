// Mails signed by libopendkim and by python3-dkim: they verify here in every combination
// of forms and algorithms, and with one bit changed anywhere they do not.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.h"
#include "ingest/dkim/key_cache.h"
#include "ingest/dkim/verify.h"
#include "ingest/mail/header_block.h"
#include "ingest/mail/split_message.h"
#include "tests/oracle/ingest/dkim/opendkim.h"
#include "tests/support/dkim/keys.h"
#include "tests/support/dkim/signer.h"
#include "tests/support/temp_dir.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;

// What the forms treat differently is all here.
const std::string kMail =
    "Received: from a.example by b.example; Thu, 26 Nov 2026 00:00:00 +0000\r\n"
    "From:  Reports\t<tlsrpt@firm.example>\r\n"
    "To: you@other.example\r\n"
    "Subject: Report  Domain: other.example\r\n"
    "\tSubmitter: firm.example \r\n"
    "Date: Thu, 26 Nov 2026 00:00:00 +0000\r\n"
    "Message-ID: <1@firm.example>\r\n"
    "X-Twice: first\r\n"
    "X-Twice: second\r\n"
    "Content-Type: text/plain\r\n"
    "\r\n"
    "Two  blanks,\ta tab, and blanks at the end. \t\r\n"
    "\r\n"
    " \r\n"
    "..dots\r\n"
    "last line\r\n"
    "\r\n"
    "\r\n";

const test::Records kRecords = {
    {"rsa._domainkey.firm.example", {test::RecordOf(test::RsaKey())}},
    {"ed25519._domainkey.firm.example", {test::RecordOf(test::Ed25519Key())}},
};

// After the signatures of python3-dkim, which carry the time of the run.
sys_seconds Now() { return time_point_cast<seconds>(system_clock::now()); }

struct Signed {
  std::string name;
  std::string mail;
};

std::vector<Signed> SignedByDkimPy() {
  const test::TempDir folder;
  const std::filesystem::path path = folder.path();
  std::ofstream(path / "mail", std::ios::binary) << kMail;
  const std::string root = std::getenv("TLSRPTD_SOURCE_DIR");
  const std::string command =
      "/usr/bin/python3 -B " + root + "/tests/oracle/ingest/dkim/sign_with_dkimpy.py " +
      (path / "mail").string() + " " + root + "/tests/corpus/dkim " + path.string();
  if (std::system(command.c_str()) != 0) {
    throw std::runtime_error("python3-dkim does not sign; is it installed? " + command);
  }
  std::vector<Signed> mails;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.path().extension() != ".eml") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    mails.push_back({"python3-dkim " + entry.path().stem().string(),
                     {std::istreambuf_iterator<char>(file), {}}});
  }
  return mails;
}

std::vector<Signed> SignedByOpenDkim() {
  std::vector<Signed> mails;
  for (int i = 0; i < 8; ++i) {
    const bool rsa = (i & 4) == 0;
    test::OpenDkimSign options;
    options.key = rsa ? test::RsaKey() : test::Ed25519Key();
    options.selector = rsa ? "rsa" : "ed25519";
    options.relaxed_header = (i & 1) != 0;
    options.relaxed_body = (i & 2) != 0;
    options.now = Now();
    mails.push_back(
        {"libopendkim " + std::to_string(i), test::SignWithOpenDkim(kMail, options)});
  }
  return mails;
}

class Oracle : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    mails_ = SignedByOpenDkim();
    for (Signed& mail : SignedByDkimPy()) mails_.push_back(std::move(mail));
    ASSERT_EQ(mails_.size(), 16u);
  }

  DkimResult Verify(const std::string& mail) {
    const auto results = VerifyDkim(mail, keys_, Now(), &cache_);
    return results.size() == 1 ? results[0] : DkimResult{};
  }

  static std::vector<Signed> mails_;
  const DkimKeyLookup keys_ = test::LookupOf(kRecords);
  DkimKeyCache cache_;
};

std::vector<Signed> Oracle::mails_;

TEST_F(Oracle, WhatTheySignVerifies) {
  for (const Signed& mail : mails_) {
    const DkimResult result = Verify(mail.mail);
    EXPECT_EQ(result.outcome, DkimOutcome::kPass) << mail.name << ": " << result.reason;
    EXPECT_EQ(result.domain, "firm.example");
  }
}

// One bit of each byte (a different one each time) of every signed field and of the body.
// A change of case in the name of a field is none under relaxed: there libopendkim has to
// say so too. Line breaks are left alone here: LF for CRLF is no change to us.
TEST_F(Oracle, WithOneBitChangedTheyDoNot) {
  for (const Signed& mail : mails_) {
    SCOPED_TRACE(mail.name);
    const HeaderBlock header = ReadHeaderBlock(SplitMessage(mail.mail).header);
    const std::string_view body = SplitMessage(mail.mail).body;
    // The line breaks at the end of the body are left out of it.
    const std::size_t body_end =
        static_cast<std::size_t>(body.data() - mail.mail.data()) +
        body.find_last_not_of("\r\n") + 1;
    std::size_t changed = 0;
    const auto flip = [&](std::size_t at) {
      if (mail.mail[at] == '\r' || mail.mail[at] == '\n') return;
      std::string altered = mail.mail;
      altered[at] = static_cast<char>(altered[at] ^ (1 << at % 7));
      ++changed;
      const bool pass = Verify(altered).outcome == DkimOutcome::kPass;
      if (!pass) return;
      const auto theirs = test::OpenDkimVerify(altered, keys_, Now());
      EXPECT_TRUE(theirs.size() == 1 && theirs[0].pass) << "byte " << at << " of\n"
                                                        << mail.mail;
    };
    for (const HeaderField& field : header.fields) {
      if (field.name != "From" && field.name != "To" && field.name != "Subject" &&
          field.name != "Date" && field.name != "Message-ID" && field.name != "X-Twice") {
        continue;
      }
      const auto from = static_cast<std::size_t>(field.raw.data() - mail.mail.data());
      for (std::size_t i = 0; i < field.raw.size(); ++i) flip(from + i);
    }
    for (auto at = static_cast<std::size_t>(body.data() - mail.mail.data());
         at < body_end; ++at) {
      flip(at);
    }
    EXPECT_GT(changed, 250u);
  }
}

// Both ways: what our own signer makes, they take.
TEST_F(Oracle, TheyTakeWhatOursSigns) {
  for (const char* form : {"simple/simple", "simple/relaxed", "relaxed/simple",
                           "relaxed/relaxed", "relaxed", "simple", ""}) {
    for (const bool rsa : {true, false}) {
      test::SignOptions options;
      options.key = rsa ? test::RsaKey() : test::Ed25519Key();
      options.selector = rsa ? "rsa" : "ed25519";
      options.form = form;
      options.signed_fields = "From:To:Subject:X-Twice:X-Twice:X-Absent:From";
      const std::string mail = test::Sign(kMail, options);
      EXPECT_EQ(Verify(mail).outcome, DkimOutcome::kPass) << form;
      const auto theirs = test::OpenDkimVerify(mail, keys_, Now());
      ASSERT_EQ(theirs.size(), 1u);
      EXPECT_TRUE(theirs[0].pass) << form << ": " << theirs[0].error;
    }
  }
}

}  // namespace
}  // namespace tlsrpt::ingest
