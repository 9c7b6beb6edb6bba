#include "ingest/rework/rework.h"

#include <gtest/gtest.h>

#include <atomic>
#include <bit>
#include <random>
#include <string>
#include <thread>

#include "ingest/flow/mail_voucher.h"
#include "ingest/flow/process.h"
#include "ingest/flow/store_batch.h"
#include "store/model/reporter.h"
#include "store/writer/quarantine_drop.h"
#include "tests/support/migrated_database.h"
#include "tests/support/records.h"
#include "tests/support/recount.h"

namespace tlsrpt::ingest {
namespace {

using namespace std::chrono;  // NOLINT: literals

using store::ReceiptId;
using test::Cell;

class FixedClock final : public Clock {
 public:
  TimePoint Now() const override { return test::kReceived; }
};

bool Always() { return true; }

// As for what an administrator vouches for.
class Vouches final : public Voucher {
 public:
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report* report) const override {
    return {store::Provenance::kOperator,
            report == nullptr ? "" : store::ReporterOfContact(report->contact), ""};
  }
};

// One report about firm.example and later.example, of which only the first is ours until
// the second is added.
std::string Json(int number, int failures = 0) {
  const std::string summary =
      R"("summary":{"total-successful-session-count":)" + std::to_string(number + 1) +
      R"(,"total-failure-session-count":)" + std::to_string(failures) + "}";
  const std::string detail =
      failures == 0 ? ""
                    : R"(,"failure-details":[{"result-type":"certificate-expired",)"
                      R"("failed-session-count":1}])";
  std::string policies;
  for (const char* domain : {"firm.example", "later.example"}) {
    policies += (policies.empty() ? "" : ",") +
                std::string(R"({"policy":{"policy-type":"sts","policy-domain":")") +
                domain + R"("},)" + summary + detail + "}";
  }
  return R"({"organization-name":"x","date-range":{"start-datetime":)"
         R"("2026-11-10T00:00:00Z","end-datetime":"2026-11-10T23:59:59Z"},)"
         R"("contact-info":"a@x.example","report-id":")" +
         std::to_string(number) + R"(","policies":[)" + policies + "]}";
}

// One who says what his mail holds. The better ones first (store/model/vouching.h); each
// counts otherwise, under other policy types and failures, so that sums show who counts.
struct Signer {
  const char* why;
  store::Provenance provenance;
  const char* reporter;
  bool from_known;
  const char* policies;
  int sessions;  // distinct ones of firm.example that succeeded
  int failures;
};

const Signer kSigners[] = {
    {"the reporter itself", store::Provenance::kDkim, "google.com", true,
     R"({"policy":{"policy-type":"sts","policy-domain":"firm.example"},)"
     R"("summary":{"total-successful-session-count":10,)"
     R"("total-failure-session-count":3},"failure-details":[)"
     R"({"result-type":"certificate-expired","failed-session-count":2}]})",
     10, 3},
    {"the operator", store::Provenance::kOperator, "x.example", true,
     R"({"policy":{"policy-type":"tlsa","policy-domain":"firm.example"},)"
     R"("summary":{"total-successful-session-count":200,)"
     R"("total-failure-session-count":0}})",
     200, 0},
    {"a stranger who guessed the report-id", store::Provenance::kDkim, "evil.example",
     false,
     R"({"policy":{"policy-type":"no-policy-found","policy-domain":"firm.example"},)"
     R"("summary":{"total-successful-session-count":3000,)"
     R"("total-failure-session-count":500},"failure-details":[)"
     R"({"result-type":"starttls-not-supported","failed-session-count":500}]})",
     3000, 500},
    {"another, later", store::Provenance::kDkim, "worse.example", false,
     R"({"policy":{"policy-type":"sts","policy-domain":"firm.example"},)"
     R"("summary":{"total-successful-session-count":40000,)"
     R"("total-failure-session-count":9}})",
     40000, 9},
};

class VouchesAs final : public Voucher {
 public:
  explicit VouchesAs(const Signer& signer) : signer_(signer) {}
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    Vouched vouched{signer_.provenance, signer_.reporter, ""};
    vouched.vouching.from_known = signer_.from_known;
    vouched.vouching.signing_domain = signer_.reporter;
    return vouched;
  }
  // As the receipt keeps it, for whoever looks again.
  std::vector<std::string> DkimResults() const override {
    return {std::string("dkim=pass header.d=") + signer_.reporter};
  }

 private:
  const Signer& signer_;
};

// The one report, as `signer` mails it: the same name whatever it says.
std::string MailOf(const Signer& signer, int number = 1) {
  return "From: noreply-smtp-tls-reporting@" + std::string(signer.reporter) +
         "\r\nContent-Type: application/tlsrpt+json\r\n\r\n" +
         R"({"organization-name":"x","date-range":{"start-datetime":)"
         R"("2026-11-10T00:00:00Z","end-datetime":"2026-11-10T23:59:59Z"},)"
         R"("contact-info":"a@x.example","report-id":")" +
         std::to_string(number) + R"(","policies":[)" + signer.policies + "]}";
}

constexpr const char* kRelay = "198.51.100.7:25";

// As a relay of ours hands it on, that verified it and then changed it.
std::string Relayed(const std::string& mail, const std::string& domain = "google.com") {
  return "Authentication-Results: mx.relay.example; dkim=pass header.d=" + domain +
         "\r\n"
         "Received: from a.google.com by mx.relay.example; "
         "Mon, 23 Nov 2026 06:00:00 +0000\r\n" +
         mail;
}

// What intake finds of such mail.
class Relay {
 public:
  Relay() { views_.Set({.own = {}, .counted_reporters = {}}); }
  MailVoucher Believed() {
    MailTrust trust;
    trust.authserv.authserv_ids = {"mx.relay.example"};
    trust.relays = {net::ParseNetwork("198.51.100.0/24").value()};
    return {std::move(trust), keys_, views_};
  }
  MailVoucher NotAsked() { return {{}, keys_, views_}; }

 private:
  class NoKeys final : public KeySource {
   public:
    std::optional<DkimKeyAnswer> Find(const std::string&) override {
      DkimKeyAnswer none;
      none.status = DkimKeyAnswer::Status::kNone;
      return none;
    }
  };
  NoKeys keys_;
  DomainViews views_;
};

// What intake found before receipts kept what the relay said.
class RelayOfBefore final : public Voucher {
 public:
  // `told`: false as an earlier look at a receipt found, which could not tell.
  explicit RelayOfBefore(bool told = true) : told_(told) {}
  Vouched Vouch(const SpoolEntry&, const ReportPart&,
                const store::Report*) const override {
    Vouched vouched{store::Provenance::kAuthserv, "google.com", ""};
    vouched.vouching.from_address = "noreply-smtp-tls-reporting@google.com";
    vouched.vouching.from_known = told_;
    if (told_) vouched.vouching.signing_domain = "google.com";
    return vouched;
  }
  std::vector<std::string> DkimResults() const override {
    return {"dkim=fail (body hash did not verify) header.d=google.com header.s=sel"};
  }

 private:
  const bool told_;
};

// A report that is cut: it is held, and who vouches for it is known.
constexpr const char* kCut = R"({"organization-name":"x","poli)";

// A database, and what a process does with it.
class World {
 public:
  World() : admin_(test::OpenOrDie(database_.dsn())) { Add({"firm.example"}); }

  store::ConnectOptions Options() const {
    return {.dsn = database_.dsn(), .role = "tlsrptd_ingest"};
  }
  store::Connection& admin() { return *admin_; }

  void Add(const std::set<std::string>& domains) {
    domains_.insert(domains.begin(), domains.end());
    view_.own = store::OwnDomains(domains_, {});
  }
  void Remove(const std::string& domain) {
    domains_.erase(domain);
    view_.own = store::OwnDomains(domains_, {});
  }
  void Count(const std::string& reporter) { view_.counted_reporters.insert(reporter); }

  // Each body is a receipt; all of them one batch.
  std::vector<ReceiptId> Submit(const std::vector<std::string>& bodies) {
    store::Writer writer(Options(), "test");
    return Submit(writer, bodies);
  }
  std::vector<ReceiptId> Submit(store::Writer& writer,
                                const std::vector<std::string>& bodies) {
    return Submit(writer, bodies, Vouches());
  }
  ReceiptId SubmitAs(const Signer& signer, int number = 1) {
    received_at_ += 1s;  // "the first received" is one of them
    store::Writer writer(Options(), "test");
    return Submit(writer, {MailOf(signer, number)}, VouchesAs(signer)).at(0);
  }
  ReceiptId SubmitRelayed(const std::string& mail, const Voucher& voucher) {
    received_at_ += 1s;
    store::Writer writer(Options(), "test");
    SpoolEntry entry = NextEntry(mail);
    const ReceiptId id{floor<days>(entry.received_at), entry.receipt_id};
    entry.transport = "smtp";
    entry.peer = kRelay;
    Store(writer, {Process(std::move(entry), ContextOf(voucher))});
    return id;
  }
  // Four processes died with it.
  ReceiptId HoldUnread(const std::string& mail) {
    store::Writer writer(Options(), "test");
    SpoolEntry entry = NextEntry(mail);
    const ReceiptId id{floor<days>(entry.received_at), entry.receipt_id};
    entry.transport = "smtp";
    entry.peer = kRelay;
    Store(writer, {QuarantineUnparsed(std::move(entry), ContextOf(NobodyVouches()),
                                      kReasonCrash, "three times")});
    return id;
  }
  // As the drain does when DNS gives no key for what is signed as a counted reporter.
  ReceiptId HoldForItsKey(const std::string& mail) {
    store::Writer writer(Options(), "test");
    SpoolEntry entry = NextEntry(mail);
    const ReceiptId id{floor<days>(entry.received_at), entry.receipt_id};
    entry.transport = "smtp";
    entry.peer = kRelay;
    store::ReceiptRecord record = Process(std::move(entry), ContextOf(NobodyVouches()));
    Hold(record, kReasonKey, "no key");
    Store(writer, {std::move(record)});
    return id;
  }
  std::vector<ReceiptId> Submit(store::Writer& writer,
                                const std::vector<std::string>& bodies,
                                const Voucher& voucher) {
    std::vector<store::ReceiptRecord> records;
    std::vector<ReceiptId> ids;
    for (const std::string& body : bodies) {
      SpoolEntry entry = NextEntry(body);
      ids.push_back({floor<days>(entry.received_at), entry.receipt_id});
      records.push_back(Process(std::move(entry), ContextOf(voucher)));
    }
    Store(writer, std::move(records));
    return ids;
  }

  // Its bytes are read otherwise now, as by a parser that has learnt.
  void SetBytes(store::Connection& admin, const ReceiptId& id, const std::string& bytes) {
    const auto done = admin.Transact([&](store::Transaction& tx) {
      tx.ExecParams("UPDATE tlsrptd.receipt_raw SET body = $2 WHERE receipt_id = $1",
                    {id.receipt_id, store::Bytes{bytes}});
    });
    if (!done) throw std::runtime_error(done.error().error.message);
  }

  Result<ReworkSummary> ReadAll(bool dry_run = false, months retention = months(25),
                                const Voucher* verifier = nullptr,
                                const Voucher* unread_verifier = nullptr) {
    store::Rewriter rewriter(Options());
    Rework rework({.retention = retention, .dry_run = dry_run},
                  {rewriter, view_, clock_, verifier, unread_verifier});
    if (auto done = rework.Read({.since = {}, .domain = "", .all_parsers = true}, Always);
        !done) {
      return std::move(done).error();
    }
    return rework.summary();
  }

  // Every row that says what reports say, whoever owns it.
  std::string Content() {
    return Cell(
        *admin_,
        "SELECT concat((SELECT string_agg(r::text, '|' ORDER BY policy_domain,"
        "  report_key, policy_ix) FROM tlsrptd.policy_result r),"
        " (SELECT string_agg(d::text, '|' ORDER BY policy_domain, report_key,"
        "  policy_ix, detail_ix) FROM tlsrptd.failure_detail d),"
        " (SELECT string_agg(s::text, '|' ORDER BY policy_domain, day, kind)"
        "  FROM tlsrptd.domain_day s),"
        " (SELECT string_agg(f::text, '|' ORDER BY policy_domain, day, kind, result_type)"
        "  FROM tlsrptd.domain_day_failure f))");
  }
  std::string Receipt(const ReceiptId& id) {
    return Cell(*admin_,
                "SELECT outcome || ' ' || report_count || ' ' || stored_count || ' ' ||"
                " duplicate_count || ' ' || quarantined_count FROM tlsrptd.receipt"
                " WHERE receipt_id = '" +
                    id.receipt_id.ToString() + "'");
  }

 private:
  SpoolEntry NextEntry(const std::string& body) {
    SpoolEntry entry;
    entry.received_at = received_at_;
    // A millisecond apart, so that the first of two has the smaller id.
    entry.receipt_id = MakeUuidV7(received_at_ + milliseconds(submitted_++));
    entry.transport = "import";
    entry.body = body;
    return entry;
  }
  ProcessContext ContextOf(const Voucher& voucher) const {
    return {.own = view_.own,
            .voucher = voucher,
            .counted_reporters = view_.counted_reporters,
            .node = "test"};
  }
  void Store(store::Writer& writer, std::vector<store::ReceiptRecord> records) {
    for (auto stored = StoreBatch(writer, records); !stored;
         stored = StoreBatch(writer, records)) {
      // A deadlock is somebody else's turn; anything else is a fault.
      if (stored.error().kind != ErrorKind::kUnavailable) {
        throw std::runtime_error(stored.error().message);
      }
    }
  }

  test::TestDatabase database_ = test::MakeMigratedDatabase();
  std::unique_ptr<store::Connection> admin_;
  std::set<std::string> domains_;
  DomainView view_;
  TimePoint received_at_ = test::kReceived;
  std::atomic<int> submitted_ = 0;
  const FixedClock clock_;
};

TEST(Rework, WhatIsAsBeforeIsNotWritten) {
  World world;
  world.Submit({Json(1, 2), Json(2), Json(1, 2), "no report"});
  const char* newest =
      "SELECT max(xmin::text::bigint) FROM (SELECT xmin FROM tlsrptd.report"
      " UNION ALL SELECT xmin FROM tlsrptd.receipt"
      " UNION ALL SELECT xmin FROM tlsrptd.domain_day) AS rows";
  const std::string before = Cell(world.admin(), newest);
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->receipts, 4);
  EXPECT_EQ(done->unchanged, 4);
  EXPECT_EQ(Cell(world.admin(), newest), before);
}

TEST(Rework, ADomainThatIsOursNowIsStored) {
  World world;
  const auto ids = world.Submit({Json(1)});
  world.Add({"later.example"});
  const auto dry = world.ReadAll(true);
  ASSERT_TRUE(dry);
  EXPECT_EQ(dry->rows_added, 1);
  EXPECT_EQ(Cell(world.admin(), "SELECT count(*) FROM tlsrptd.report"), "1");
  ASSERT_TRUE(world.ReadAll());
  EXPECT_EQ(Cell(world.admin(), "SELECT count(*) FROM tlsrptd.report"), "2");
  EXPECT_EQ(world.Receipt(ids[0]), "1 1 1 0 0") << "it is one report, about two domains";
  test::ExpectSumsEqualRecount(world.admin());
}

// A receipt and what it owns are asked for one after the other.
TEST(Rework, WhatIsRewrittenWhileItIsReadIsReadAsItWas) {
  World world;
  const auto ids = world.Submit({Json(1, 1)});
  world.Add({"later.example"});
  store::ConnectOptions options = world.Options();
  bool rewritten = false;
  options.on_query = [&](std::string_view name, std::chrono::nanoseconds, bool) {
    if (name != "owned_reports" || rewritten) return;
    rewritten = true;
    ASSERT_TRUE(world.ReadAll());
  };
  store::Rewriter rewriter(options);
  const auto read = rewriter.Read(ids);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(rewritten);
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->front().owned.size(), 1u);
}

std::string With(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

// A waiver accepts what was written before it was made. Whoever made it has seen the
// failures that are still told, and no others.
TEST(Rework, WhatTellsTheSameFailuresWasWrittenWhenItWas) {
  struct Row {
    const char* why;
    const char* from;
    const char* to;
    bool is_kept;
  };
  const Row rows[] = {
      {"a field is read otherwise", "a@x.example", "b@x.example", true},
      {"so are successes", R"(successful-session-count":2)",
       R"(successful-session-count":9)", true},
      {"more failed", R"(total-failure-session-count":2)",
       R"(total-failure-session-count":3)", false},
      {"more of it is explained", R"(failed-session-count":1)",
       R"(failed-session-count":2)", false},
      {"they failed otherwise", "certificate-expired", "starttls-not-supported", false},
      {"they failed at another MX", R"("failed-session-count":1)",
       R"("receiving-mx-hostname":"mx2","failed-session-count":1)", false},
      {"they failed for another reason", R"("failed-session-count":1)",
       R"("failure-reason-code":"so","failed-session-count":1)", false},
      {"they failed under another policy", R"("policy-type":"sts")",
       R"("policy-type":"no-policy-found")", false},
  };
  constexpr const char* kWritten =
      "SELECT coalesce(written_at::text, 'never said') FROM tlsrptd.report";
  for (const bool was_said : {true, false}) {
    for (const Row& row : rows) {
      SCOPED_TRACE(row.why);
      World world;
      const auto ids = world.Submit({Json(1, 2)});
      if (!was_said) {
        ASSERT_FALSE(
            test::Failure(world.admin(), "UPDATE tlsrptd.report SET written_at = NULL"));
      }
      const std::string before = Cell(world.admin(), kWritten);
      EXPECT_EQ(before == "never said", !was_said);
      world.SetBytes(world.admin(), ids[0], With(Json(1, 2), row.from, row.to));
      const auto done = world.ReadAll();
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_EQ(done->changed, 1);
      const std::string after = Cell(world.admin(), kWritten);
      EXPECT_EQ(after == before, row.is_kept) << after;
      EXPECT_TRUE(row.is_kept || after != "never said");
    }
  }
}

TEST(Rework, WhatIsStoredOnlyNowIsWrittenNow) {
  World world;
  world.Submit({Json(1, 2)});
  world.Add({"later.example"});
  ASSERT_TRUE(world.ReadAll());
  EXPECT_EQ(Cell(world.admin(),
                 "SELECT string_agg(policy_domain, ' ' ORDER BY written_at)"
                 " FROM tlsrptd.report"),
            "firm.example later.example");
}

TEST(Rework, TheFirstOfTheOthersTakesOverWhatGoes) {
  World world;
  const auto ids = world.Submit({Json(1), Json(1), Json(1)});
  EXPECT_EQ(world.Receipt(ids[0]), "1 1 1 0 0");
  const std::string content = world.Content();
  world.SetBytes(world.admin(), ids[0], "x");
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->promoted, 1);
  EXPECT_EQ(world.Receipt(ids[0]), "3 1 0 0 1");
  // The first is the one with the lower id: all came in one millisecond.
  EXPECT_EQ(world.Receipt(std::min(ids[1], ids[2])), "1 1 1 0 0");
  EXPECT_EQ(world.Receipt(std::max(ids[1], ids[2])), "2 1 0 1 0");
  EXPECT_EQ(world.Content(), content);
  test::ExpectSumsEqualRecount(world.admin());
}

TEST(Rework, AnHeirMayLeaveSomethingToAnHeirOfItsOwn) {
  World world;
  const auto ids = world.Submit({Json(1), Json(2), Json(1), Json(2)});
  // The third, a duplicate of the first, is read as the second report now; and the second
  // as nothing.
  world.SetBytes(world.admin(), ids[0], "x");
  world.SetBytes(world.admin(), ids[1], "x");
  world.SetBytes(world.admin(), ids[2], Json(2));
  ASSERT_TRUE(world.ReadAll());
  EXPECT_EQ(Cell(world.admin(), "SELECT string_agg(report_id, ',') FROM tlsrptd.report"),
            "2");
  test::ExpectSumsEqualRecount(world.admin());
}

TEST(Rework, ReadingAReplayedReceiptOtherwiseWritesNothing) {
  World world;
  store::Writer writer(world.Options(), "test");
  const Vouches voucher;
  const std::set<std::string> counted;
  const auto record_of = [&](const store::OwnDomains& own, const Uuid& id) {
    SpoolEntry entry;
    entry.received_at = test::kReceived;
    entry.receipt_id = id;
    entry.transport = "import";
    entry.body = Json(7);
    return Process(
        std::move(entry),
        {.own = own, .voucher = voucher, .counted_reporters = counted, .node = "test"});
  };
  const Uuid id = MakeUuidV7(test::kReceived);
  const store::OwnDomains before({"firm.example"}, {});
  const store::OwnDomains after({"firm.example", "later.example"}, {});
  std::vector<store::ReceiptRecord> first{record_of(before, id)};
  ASSERT_TRUE(StoreBatch(writer, first));
  // The spool gives it again, in one batch with one that is new.
  std::vector<store::ReceiptRecord> again{
      record_of(after, id), test::MakeRecord({test::MakeReport("new", {test::Sts(1)})})};
  const auto stored = StoreBatch(writer, again);
  ASSERT_TRUE(stored) << stored.error().message;
  EXPECT_EQ(stored->counts.receipts, 1);
  EXPECT_EQ(Cell(world.admin(),
                 "SELECT string_agg(report_id, ',' ORDER BY report_id)"
                 " FROM tlsrptd.report"),
            "7,new");
  test::ExpectSumsEqualRecount(world.admin());
}

TEST(Rework, WhatPostgresRefusesNowIsHeldWithWhatItSays) {
  World world;
  const auto ids = world.Submit({Json(1), Json(1)});
  ASSERT_FALSE(
      test::Failure(world.admin(),
                    "ALTER TABLE tlsrptd.policy_result ADD CONSTRAINT not_five CHECK"
                    " (success_sessions <> 5)"));
  world.SetBytes(world.admin(), ids[0], Json(4));  // 5 sessions
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(world.Receipt(ids[0]), "3 1 0 0 1");
  EXPECT_EQ(world.Receipt(ids[1]), "1 1 1 0 0") << "what it had is taken over";
  EXPECT_EQ(Cell(world.admin(),
                 "SELECT reason FROM tlsrptd.receipt WHERE quarantined_count > 0"),
            "store");
  test::ExpectSumsEqualRecount(world.admin());
}

// The signature covers what is attached, and nothing in the mail attached beside it.
class VouchesForAttached final : public Voucher {
 public:
  Vouched Vouch(const SpoolEntry&, const ReportPart& part,
                const store::Report*) const override {
    if (!part.vouchable) return {store::Provenance::kNone, "", "it lies too deep"};
    return {store::Provenance::kDkim, "google.com", ""};
  }
};

// One report as the mail's own part, and what lies in the mail attached beside it.
std::string WithMailBeside(const std::string& own, const std::string& attached) {
  return "From: noreply-smtp-tls-reporting@google.com\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/report; report-type=tlsrpt; boundary=b\r\n\r\n"
         "--b\r\nContent-Type: application/tlsrpt+json\r\n\r\n" +
         own +
         "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
         "Content-Type: application/tlsrpt+json\r\n\r\n" +
         attached + "\r\n--b--\r\n";
}

// Somebody sends a report, and with it the mail that brought it: the one is vouched for
// and the other is not, and each is a row.
TEST(Rework, OfTwoRowsOfOneReportEachKeepsItsVoucher) {
  World world;
  store::Writer writer(world.Options(), "test");
  world.Submit(writer, {WithMailBeside(Json(1), Json(1))}, VouchesForAttached());
  const char* rows =
      "SELECT string_agg(provenance || ' ' || reporter, ', ' ORDER BY provenance)"
      " FROM tlsrptd.report";
  ASSERT_EQ(Cell(world.admin(), rows), "0 , 1 google.com");
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->unchanged, 1);
  EXPECT_EQ(Cell(world.admin(), rows), "0 , 1 google.com");
  test::ExpectSumsEqualRecount(world.admin());
}

// Json(1) about one domain.
std::string JsonAbout(const std::string& domain) {
  std::string json = Json(1);
  json.replace(json.find(",{\"policy\":"), std::string::npos, "]}");
  return json.replace(json.find("firm.example"), 12, domain);
}

// Of two that share their name one is held as foreign. What is stored of the other says
// nothing of who vouches for it, in neither direction.
TEST(Rework, WhatWasHeldIsVouchedForAsItWouldHaveBeen) {
  const char* rows =
      "SELECT string_agg(concat_ws(' ', policy_domain, provenance), ', '"
      " ORDER BY policy_domain) FROM tlsrptd.report";
  const struct {
    const char* why;
    const char* own;
    const char* attached;
    const char* before;
    const char* after;
  } cases[] = {
      {"a stranger's copy", "firm.example", "later.example", "firm.example 1",
       "firm.example 1, later.example 0"},
      {"the genuine one", "later.example", "firm.example", "firm.example 0",
       "firm.example 0, later.example 1"},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.why);
    World world;
    store::Writer writer(world.Options(), "test");
    world.Submit(writer, {WithMailBeside(JsonAbout(one.own), JsonAbout(one.attached))},
                 VouchesForAttached());
    ASSERT_EQ(Cell(world.admin(), rows), one.before);
    world.Add({"later.example"});
    const auto done = world.ReadAll();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(Cell(world.admin(), rows), one.after);
    test::ExpectSumsEqualRecount(world.admin());
  }
}

// All it owns is the row of the copy that nobody vouches for.
TEST(Rework, ADuplicateThatIsVouchedForStaysSo) {
  World world;
  store::Writer writer(world.Options(), "test");
  const std::string mail = WithMailBeside(Json(1), Json(1));
  world.Submit(writer,
               {"From: noreply-smtp-tls-reporting@google.com\r\n"
                "Content-Type: application/tlsrpt+json\r\n\r\n" +
                Json(1)},
               VouchesForAttached());
  const auto ids = world.Submit(writer, {mail}, VouchesForAttached());
  const std::string content = world.Content();
  const std::string receipt = world.Receipt(ids[0]);
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->unchanged, 2);
  EXPECT_EQ(world.Receipt(ids[0]), receipt);
  EXPECT_EQ(world.Content(), content);
}

// One report from two addresses of its sender's: the operator vouches for each as whom it
// names.
TEST(Rework, OfTwoContactsOfOneReportEachKeepsItsRow) {
  World world;
  std::string other = Json(1);
  other.replace(other.find("a@x.example"), 11, "a@y.example");
  const std::string part = "--b\r\nContent-Type: application/tlsrpt+json\r\n\r\n";
  world.Submit(
      {"From: a@x.example\r\nMIME-Version: 1.0\r\n"
       "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
       part + Json(1) + "\r\n" + part + other + "\r\n--b--\r\n"});
  const char* rows =
      "SELECT string_agg(reporter, ', ' ORDER BY reporter) FROM tlsrptd.report";
  ASSERT_EQ(Cell(world.admin(), rows), "x.example, y.example");
  ASSERT_TRUE(world.ReadAll());
  EXPECT_EQ(Cell(world.admin(), rows), "x.example, y.example");
  test::ExpectSumsEqualRecount(world.admin());
}

// "reports successes failures" of the distinct sessions of firm.example.
std::string VouchedSums(World& world) {
  return Cell(
      world.admin(),
      "SELECT coalesce((SELECT concat_ws(' ', vouched_reports,"
      " vouched_success_sessions, vouched_failure_sessions)"
      " FROM tlsrptd.domain_day WHERE kind = 9 AND vouched_reports > 0), 'none')");
}

// Who vouches for what is stored, as "provenance reporter from_known".
constexpr const char* kWhoVouches =
    "SELECT string_agg(concat_ws(' ', provenance, reporter, from_known), ', ')"
    " FROM tlsrptd.report";

// A counted reporter's mail comes twice through a relay that breaks its signature, as
// after a 250 that was lost. Of the second nothing is stored, and nothing is known but
// what its receipt says.
TEST(Rework, TheSecondCopyOfARelayedMailStaysADuplicate) {
  Relay relay;
  const MailVoucher now = relay.Believed();
  const RelayOfBefore before;
  for (const Voucher* voucher :
       {static_cast<const Voucher*>(&now), static_cast<const Voucher*>(&before)}) {
    SCOPED_TRACE(voucher == &now ? "now" : "received before it was kept");
    World world;
    world.Count("google.com");
    const std::string mail = Relayed(MailOf(kSigners[0]));
    world.SubmitRelayed(mail, *voucher);
    const ReceiptId second = world.SubmitRelayed(mail, *voucher);
    ASSERT_EQ(world.Receipt(second), "2 1 0 1 0");
    ASSERT_EQ(Cell(world.admin(), kWhoVouches), "2 google.com t");
    const std::string content = world.Content();
    const auto done = world.ReadAll();
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(done->unchanged, 2);
    EXPECT_EQ(world.Receipt(second), "2 1 0 1 0");
    EXPECT_EQ(Cell(world.admin(), kWhoVouches), "2 google.com t");
    EXPECT_EQ(VouchedSums(world), "1 10 3");
    EXPECT_EQ(world.Content(), content);
    test::ExpectSumsEqualRecount(world.admin());
  }
}

// The relay verified a signature that the reporter's profile does not have: neither copy
// is the reporter's own, however known its address.
TEST(Rework, TheSecondCopyOfAMailOfAnotherSignatureStaysADuplicate) {
  Relay relay;
  const MailVoucher voucher = relay.Believed();
  World world;
  world.Count("google.com");
  const std::string mail = Relayed(MailOf(kSigners[0]), "a.google.com");
  world.SubmitRelayed(mail, voucher);
  const ReceiptId second = world.SubmitRelayed(mail, voucher);
  ASSERT_EQ(world.Receipt(second), "2 1 0 1 0");
  ASSERT_EQ(Cell(world.admin(), kWhoVouches), "2 google.com f");
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->unchanged, 2);
  EXPECT_EQ(Cell(world.admin(), kWhoVouches), "2 google.com f");
  test::ExpectSumsEqualRecount(world.admin());
}

// Such a mail that was held is the reporter's own once it is stored, and so are copies.
TEST(Rework, ARelayedMailThatWasHeldIsTheReportersOwn) {
  Relay relay;
  const MailVoucher now = relay.Believed();
  const RelayOfBefore before;
  for (const Voucher* voucher :
       {static_cast<const Voucher*>(&now), static_cast<const Voucher*>(&before)}) {
    SCOPED_TRACE(voucher == &now ? "now" : "received before it was kept");
    World world;
    world.Count("google.com");
    std::string mail = MailOf(kSigners[0]);
    mail.replace(mail.find("firm.example"), 12, "late.example");
    mail = Relayed(mail);
    const ReceiptId held = world.SubmitRelayed(mail, *voucher);
    ASSERT_EQ(world.Receipt(held), "3 1 0 0 1");
    world.Add({"late.example"});
    ASSERT_TRUE(world.ReadAll());
    EXPECT_EQ(world.Receipt(held), "1 1 1 0 0");
    EXPECT_EQ(Cell(world.admin(), kWhoVouches), "2 google.com t");
    EXPECT_EQ(world.Receipt(world.SubmitRelayed(mail, now)), "2 1 0 1 0");
    test::ExpectSumsEqualRecount(world.admin());
  }
}

TEST(Rework, TwoReportsThatAnEarlierLookMadeOfOneMailBecomeOne) {
  World world;
  world.Count("google.com");
  const std::string mail = Relayed(MailOf(kSigners[0]));
  world.SubmitRelayed(mail, RelayOfBefore());
  const ReceiptId second = world.SubmitRelayed(mail, RelayOfBefore(/*told=*/false));
  ASSERT_EQ(world.Receipt(second), "1 1 1 0 0") << "a report of its own";
  ASSERT_TRUE(world.ReadAll());
  EXPECT_EQ(world.Receipt(second), "2 1 0 1 0");
  EXPECT_EQ(Cell(world.admin(), kWhoVouches), "2 google.com t");
  EXPECT_EQ(VouchedSums(world), "1 10 3");
  test::ExpectSumsEqualRecount(world.admin());
}

// Nobody asked the relay when it came, so whoever reads it first does: read without its
// word, the reporter's failures would be nobody's. Also where only signatures are
// verified again.
TEST(Rework, WhatWasHeldUnreadIsReadWithTheRelaysWord) {
  Relay relay;
  const MailVoucher believed = relay.Believed();
  const MailVoucher signatures_only = relay.NotAsked();
  for (const Voucher* verifier : {static_cast<const Voucher*>(nullptr),
                                  static_cast<const Voucher*>(&signatures_only)}) {
    SCOPED_TRACE(verifier == nullptr ? "retry" : "--verify-again");
    World world;
    world.Count("google.com");
    const std::string mail = Relayed(MailOf(kSigners[0]));
    const ReceiptId held = world.HoldUnread(mail);
    ASSERT_EQ(world.Receipt(held), "3 1 0 0 1");
    const auto done = world.ReadAll(false, months(25), verifier, &believed);
    ASSERT_TRUE(done) << done.error().message;
    EXPECT_EQ(world.Receipt(held), "1 1 1 0 0");
    EXPECT_EQ(Cell(world.admin(), kWhoVouches), "2 google.com t");
    EXPECT_EQ(VouchedSums(world), "1 10 3");
    // What was found is kept as if it had been when it came.
    const ReceiptId copy = world.SubmitRelayed(mail, believed);
    EXPECT_EQ(world.Receipt(copy), "2 1 0 1 0");
    const auto again = world.ReadAll();
    ASSERT_TRUE(again);
    EXPECT_EQ(again->unchanged, 2);
    test::ExpectSumsEqualRecount(world.admin());
  }
}

// Until then nobody's word releases it: it may hold refusals.
TEST(Rework, WhatWasHeldForItsKeyIsReadOnceThereIsOne) {
  World world;
  world.Count("google.com");
  const ReceiptId held = world.HoldForItsKey(Relayed(MailOf(kSigners[0])));
  const std::string as_held = "3 1 0 0 1";
  ASSERT_EQ(world.Receipt(held), as_held);
  ASSERT_TRUE(world.ReadAll());
  EXPECT_EQ(world.Receipt(held), as_held) << "nobody was asked";
  Relay relay;
  const MailVoucher believed = relay.Believed();
  ASSERT_TRUE(world.ReadAll(false, months(25), nullptr, &believed));
  EXPECT_EQ(world.Receipt(held), "1 1 1 0 0");
  EXPECT_EQ(VouchedSums(world), "1 10 3");
  test::ExpectSumsEqualRecount(world.admin());
}

// Copies of several signers, of which some are read as nothing now: whichever go, in
// whatever order they came, the best of those that stay counts.
TEST(Rework, WhenACopyGoesTheBestOfTheOthersCounts) {
  constexpr std::size_t kCount = std::size(kSigners);
  for (const bool best_first : {true, false}) {
    for (unsigned going = 1; going < 1u << kCount; ++going) {
      SCOPED_TRACE(std::to_string(going) + (best_first ? " best first" : " best last"));
      World world;
      std::vector<ReceiptId> ids(kCount);
      for (std::size_t n = 0; n < kCount; ++n) {
        // The last two are equals, of which the first received counts.
        const std::size_t who = best_first ? n : (n + 2) % kCount;
        ids[who] = world.SubmitAs(kSigners[who]);
      }
      ASSERT_EQ(VouchedSums(world), "1 10 3") << "Google's own";
      test::ExpectSumsEqualRecount(world.admin());
      const Signer* best = nullptr;
      for (std::size_t who = 0; who < kCount; ++who) {
        if ((going >> who & 1) != 0) {
          world.SetBytes(world.admin(), ids[who], "x");
        } else if (best == nullptr) {
          best = &kSigners[who];
        }
      }
      const auto done = world.ReadAll();
      ASSERT_TRUE(done) << done.error().message;
      EXPECT_EQ(done->rows_gone, std::popcount(going));
      test::ExpectSumsEqualRecount(world.admin());
      EXPECT_EQ(VouchedSums(world), best == nullptr
                                        ? "none"
                                        : "1 " + std::to_string(best->sessions) + " " +
                                              std::to_string(best->failures));
    }
  }
}

// Two of one reporter's of one name: what only the second tells of failures is a row of
// its own, which stays when it is read again, and is made where an older program made
// none.
TEST(Rework, FailuresUnderATakenNameAreKept) {
  Signer clean = kSigners[0];
  clean.policies = R"({"policy":{"policy-type":"sts","policy-domain":"firm.example"},)"
                   R"("summary":{"total-successful-session-count":5,)"
                   R"("total-failure-session-count":0}})";
  World world;
  const ReceiptId first = world.SubmitAs(clean);
  const ReceiptId second = world.SubmitAs(kSigners[0]);
  ASSERT_EQ(VouchedSums(world), "2 5 3");
  const std::string content = world.Content();
  const auto read = world.ReadAll();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->unchanged, 2);
  EXPECT_EQ(world.Content(), content);

  // As it was left before that was asked: a duplicate.
  World before;
  before.SubmitAs(clean);
  const ReceiptId duplicate = before.SubmitAs(clean);
  before.SetBytes(before.admin(), duplicate, MailOf(kSigners[0]));
  ASSERT_FALSE(
      test::Failure(before.admin(), "UPDATE tlsrptd.receipt SET parser_version = 3"));
  const auto found = before.ReadAll();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->changed, 1);
  EXPECT_EQ(VouchedSums(before), "2 5 3");
  test::ExpectSumsEqualRecount(before.admin());

  // The second takes the name when the first is read no more.
  world.SetBytes(world.admin(), first, "x");
  ASSERT_TRUE(world.ReadAll());
  EXPECT_EQ(world.Receipt(second), "1 1 1 0 0");
  EXPECT_EQ(VouchedSums(world), "1 10 3");
  test::ExpectSumsEqualRecount(world.admin());
}

// A duplicate of the copy that counted takes its place, before one of another signer.
TEST(Rework, ADuplicateOfTheSameSignerIsTheNextToCount) {
  World world;
  const ReceiptId first = world.SubmitAs(kSigners[0]);
  world.SubmitAs(kSigners[2]);
  const ReceiptId second = world.SubmitAs(kSigners[0]);
  EXPECT_EQ(world.Receipt(second), "2 1 0 1 0");
  world.SetBytes(world.admin(), first, "x");
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->promoted, 1);
  EXPECT_EQ(world.Receipt(second), "1 1 1 0 0");
  EXPECT_EQ(VouchedSums(world), "1 10 3");
  test::ExpectSumsEqualRecount(world.admin());
}

// The same reports by everybody, over and over, and read otherwise in between.
TEST(Rework, SumsHoldTheCopyThatCountsAfterAnySequence) {
  for (unsigned seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 rng(seed);
    const auto below = [&](std::size_t n) { return rng() % n; };
    World world;
    std::vector<ReceiptId> ids;
    for (int step = 0; step < 40; ++step) {
      const Signer& signer = kSigners[below(std::size(kSigners))];
      const int number = static_cast<int>(below(3));
      const std::size_t what = below(4);
      if (what < 2 || ids.empty()) {
        ids.push_back(world.SubmitAs(signer, number));
      } else if (what == 2) {
        // The words of another under the same signer, of another report, or none.
        world.SetBytes(world.admin(), ids[below(ids.size())],
                       below(3) == 0 ? "x" : MailOf(signer, number));
      } else {
        ASSERT_TRUE(world.ReadAll());
      }
      test::ExpectSumsEqualRecount(world.admin());
    }
    ASSERT_TRUE(world.ReadAll());
    test::ExpectSumsEqualRecount(world.admin());
    const auto again = world.ReadAll(true);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->changed, 0);
  }
}

// Whatever is done in whatever order, what is there in the end is what a fresh database
// has after the same bytes.
TEST(Rework, AnySequenceEndsAsAFreshImport) {
  for (unsigned seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 rng(seed);
    const auto below = [&](std::size_t n) { return rng() % n; };
    World world;
    std::vector<ReceiptId> ids;
    std::vector<std::string> bytes;
    for (int step = 0; step < 30; ++step) {
      switch (below(6)) {
        case 0:
        case 1: {  // some reports, most of them known
          std::vector<std::string> bodies;
          for (std::size_t n = 1 + below(3); n > 0; --n) {
            const int number = static_cast<int>(below(5));
            bodies.push_back(below(8) == 0 ? kCut : Json(number, number % 3));
          }
          const auto more = world.Submit(bodies);
          ids.insert(ids.end(), more.begin(), more.end());
          bytes.insert(bytes.end(), bodies.begin(), bodies.end());
          break;
        }
        case 2:  // the parser reads one otherwise
          if (ids.empty()) break;
          if (const std::size_t at = below(ids.size()); true) {
            const int number = static_cast<int>(below(5));
            bytes[at] = below(3) == 0 ? "x" : Json(number, number % 3);
            world.SetBytes(world.admin(), ids[at], bytes[at]);
          }
          break;
        case 3:
          ASSERT_TRUE(world.ReadAll());
          break;
        case 4:
          if (step > 15) world.Add({"later.example"});
          break;
        case 5:
          if (ids.empty()) break;
          {
            const auto connection =
                test::OpenOrDie(world.Options().dsn, "tlsrptd_ingest");
            ASSERT_TRUE(store::DropFromQuarantine(*connection, ids[below(ids.size())],
                                                  {"test", "why", test::kReceived}));
          }
          break;
      }
      test::ExpectSumsEqualRecount(world.admin());
    }
    world.Add({"later.example"});
    ASSERT_TRUE(world.ReadAll());
    test::ExpectSumsEqualRecount(world.admin());
    World fresh;
    fresh.Add({"later.example"});
    fresh.Submit(bytes);
    EXPECT_EQ(world.Content(), fresh.Content());
    const auto again = world.ReadAll(true);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->changed, 0);
  }
}

// Two that read again and two that write, on the same few reports.
TEST(Rework, ManyAtOnceLoseNothingAndCountNothingTwice) {
  World world;
  std::vector<std::string> all;
  for (int number = 0; number < 6; ++number) all.push_back(Json(number, number % 3));
  std::vector<ReceiptId> spoiled = world.Submit(all);
  world.Add({"later.example"});

  std::atomic<int> writing = 2;
  std::vector<std::string> faults(4);
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      try {
        store::Writer writer(world.Options(), "test");
        std::mt19937 rng(t);
        for (int round = 0; round < 60; ++round) {
          std::vector<std::string> bodies;
          for (int n = 0; n < 4; ++n) bodies.push_back(all[rng() % all.size()]);
          world.Submit(writer, bodies);
        }
      } catch (const std::exception& e) {
        faults[t] = e.what();
      }
      --writing;
    });
    threads.emplace_back([&, t] {
      try {
        do {
          const auto done = world.ReadAll();
          if (!done && done.error().kind != ErrorKind::kUnavailable) {
            faults[2 + t] = done.error().message;
          }
        } while (writing > 0);
      } catch (const std::exception& e) {
        faults[2 + t] = e.what();
      }
    });
  }
  // Meanwhile those that stored them first can be read no longer, one after the other.
  for (const ReceiptId& id : spoiled) world.SetBytes(world.admin(), id, "x");
  for (std::thread& thread : threads) thread.join();
  for (const std::string& fault : faults) EXPECT_EQ(fault, "");

  ASSERT_TRUE(world.ReadAll());
  test::ExpectSumsEqualRecount(world.admin());
  EXPECT_EQ(Cell(world.admin(), "SELECT count(*) FROM tlsrptd.report"), "12");
  World fresh;
  fresh.Add({"later.example"});
  fresh.Submit(all);
  EXPECT_EQ(world.Content(), fresh.Content());
}

// One submission with `reports` in it.
std::string Together(const std::vector<std::string>& reports) {
  std::string mail = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
  for (const std::string& report : reports) {
    mail += "--b\r\nContent-Type: application/tlsrpt+json\r\n\r\n" + report + "\r\n";
  }
  return mail + "--b--\r\n";
}

// A report of two months before the others, about firm.example alone.
std::string Old() {
  std::string json = Json(1);
  for (int end = 0; end < 2; ++end) json = With(json, "2026-11-10", "2026-09-10");
  return With(json, "later.example", "firm.example");
}

// And one that is about later.example alone.
std::string Later() { return With(Json(2), "firm.example", "later.example"); }

// Both copies of a report, of which the second has no row. What came since is foreign.
TEST(Rework, WhatIsStoredOfADomainThatWasRemovedStays) {
  World world;
  world.Add({"later.example"});
  const auto ids =
      world.Submit({Later(), Later(), Json(1), Together({Later(), Json(1)})});
  world.Remove("later.example");
  const ReceiptId since = world.Submit({Json(7)}).at(0);
  const auto held = world.Submit({With(Json(8), "firm.example", "later.example")}).at(0);
  const std::string content = world.Content();
  const auto done = world.ReadAll();
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(done->unchanged, 6);
  EXPECT_EQ(world.Receipt(ids[0]), "1 1 1 0 0");
  EXPECT_EQ(world.Receipt(ids[1]), "2 1 0 1 0");
  EXPECT_EQ(world.Receipt(ids[3]), "2 2 0 2 0");
  EXPECT_EQ(world.Receipt(since), "1 1 1 0 0");
  EXPECT_EQ(world.Receipt(held), "3 1 0 0 1");
  EXPECT_EQ(world.Content(), content);
  test::ExpectSumsEqualRecount(world.admin());
}

// As on arrival: the second is a duplicate of the first, and each report of a mail is
// one of what its receipt counts. Also where the month of both goes.
TEST(Rework, AReportThatStandsTwiceInAMailStaysADuplicate) {
  World world;
  const auto ids =
      world.Submit({Together({Json(1), Json(1)}), Together({Old(), Old(), Later()})});
  ASSERT_EQ(world.Receipt(ids[0]), "1 2 1 1 0");
  ASSERT_EQ(world.Receipt(ids[1]), "1 3 1 1 1");
  world.Add({"later.example"});
  ASSERT_TRUE(world.ReadAll(false, months(1)));
  EXPECT_EQ(Cell(world.admin(), "SELECT count(*) FROM tlsrptd.report"), "4");
  EXPECT_EQ(world.Receipt(ids[0]), "1 2 1 1 0");
  EXPECT_EQ(world.Receipt(ids[1]), "1 3 2 1 0");
  test::ExpectSumsEqualRecount(world.admin());
  const auto again = world.ReadAll(false, months(1));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->changed, 0);
}

TEST(Rework, WhatIsPastItsRetentionKeepsNobodyElseFromBeingStored) {
  struct Row {
    const char* why;
    bool month_is_gone;
    bool is_duplicate;
    const char* before;
    const char* after;  // outcome, reports, stored, duplicate, held
  };
  const Row rows[] = {
      {"its rows are still there", false, false, "1 2 1 0 1", "1 2 2 0 0"},
      {"they have gone with their month", true, false, "1 2 1 0 1", "1 2 2 0 0"},
      {"another receipt brought it", false, true, "2 2 0 1 1", "1 2 1 1 0"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.why);
    World world;
    if (row.is_duplicate) world.Submit({Old()});
    const auto ids = world.Submit({Together({Old(), Later()})});
    EXPECT_EQ(world.Receipt(ids[0]), row.before);
    if (row.month_is_gone) {
      for (const char* table : {"report", "policy_result", "report_failure"}) {
        ASSERT_FALSE(test::Failure(
            world.admin(),
            std::string("DELETE FROM tlsrptd.") + table + " WHERE day < '2026-10-01'"));
      }
    }
    constexpr const char* kOld =
        "SELECT coalesce(string_agg(r::text, '|' ORDER BY r::text), '')"
        " FROM (SELECT report_key, received_at, written_at FROM tlsrptd.report"
        "       WHERE day < '2026-10-01') AS r";
    constexpr const char* kOldSums =
        "SELECT string_agg(s::text, '|' ORDER BY s::text) FROM tlsrptd.domain_day s"
        " WHERE day < '2026-10-01'";
    const std::string old = Cell(world.admin(), kOld);
    const std::string old_sums = Cell(world.admin(), kOldSums);
    world.Add({"later.example"});
    const auto summary = world.ReadAll(/*dry_run=*/false, months(1));
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->changed, 1);
    EXPECT_EQ(world.Receipt(ids[0]), row.after);
    EXPECT_EQ(Cell(world.admin(), kOld), old) << "left to go with its month";
    EXPECT_EQ(Cell(world.admin(), kOldSums), old_sums) << "totals stay";
    EXPECT_EQ(Cell(world.admin(),
                   "SELECT count(*) FROM tlsrptd.report"
                   " WHERE policy_domain = 'later.example'"),
              "1");
    EXPECT_EQ(
        Cell(world.admin(),
             "SELECT value FROM tlsrptd.node_counter WHERE name = 'reports_stored'"),
        "2");
    const auto again = world.ReadAll(/*dry_run=*/false, months(1));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->changed, 0);
  }
}

// It could not be read, or was not ours, until it was too old.
TEST(Rework, WhatIsPastItsRetentionStaysInQuarantine) {
  World world;
  world.Add({"other.example"});
  const std::string old_later = With(Old(), "firm.example", "later.example");
  const auto ids = world.Submit(
      {Together({With(old_later, "firm.example", "later.example"), Json(3)})});
  EXPECT_EQ(world.Receipt(ids[0]), "1 2 1 0 1");
  world.Add({"later.example"});
  ASSERT_TRUE(world.ReadAll(/*dry_run=*/false, months(1)));
  EXPECT_EQ(world.Receipt(ids[0]), "1 2 1 0 1");
  EXPECT_EQ(Cell(world.admin(),
                 "SELECT reason || ' ' || quarantined_domains::text"
                 " FROM tlsrptd.receipt"),
            "file {later.example}");
  EXPECT_EQ(Cell(world.admin(), "SELECT count(*) FROM tlsrptd.report"), "2");
}

// What was stored counts as it did when its month goes, and is not held for its age.
TEST(Rework, AShorterRetentionQuarantinesNothingThatWasStored) {
  World world;
  const ReceiptId id = world.Submit({Json(1)}).at(0);
  const ReceiptId copy = world.Submit({Json(1)}).at(0);
  const std::string receipts = world.Receipt(id) + "," + world.Receipt(copy);
  const std::string content = world.Content();
  const auto summary = world.ReadAll(/*dry_run=*/false, /*retention=*/months(0));
  ASSERT_TRUE(summary) << summary.error().message;
  EXPECT_EQ(summary->too_old, 2);
  EXPECT_EQ(summary->changed, 0);
  EXPECT_EQ(world.Receipt(id) + "," + world.Receipt(copy), receipts);
  EXPECT_EQ(world.Content(), content);
}

}  // namespace
}  // namespace tlsrpt::ingest
