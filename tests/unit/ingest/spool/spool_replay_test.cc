#include "ingest/spool/spool_replay.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "ingest/spool/spool_list.h"
#include "tests/unit/ingest/spool/spool_fixture.h"

namespace tlsrpt::test {
namespace {

using namespace std::chrono;  // NOLINT: literals

class SpoolReplayTest : public SpoolTest {
 protected:
  // Puts and does each.
  void Do(const Strings& bodies) {
    for (const std::string& body : bodies) ASSERT_TRUE(Put(body));
    spool_->MarkDone(Ids(Take()));
    WaitFor([&] { return spool_->Stats().depth == 0; });
  }
  bool Asked() const {
    return std::filesystem::exists(ingest::ReplayRequestPath(options_.path));
  }
  // A second goes by, and the running spool notices. The bound only ends a test that
  // would wait for ever.
  void Answer() {
    clock_.Move(2s);
    WaitFor([&] { return !Asked(); });
  }
  template <class F>
  void WaitFor(const F& holds) {
    const auto end = steady_clock::now() + 60s;
    while (!holds() && steady_clock::now() < end) std::this_thread::sleep_for(1ms);
    ASSERT_TRUE(holds());
  }
};

TEST_F(SpoolReplayTest, ARunningSpoolPutsThemBackInLine) {
  Open();
  Do({"a", "b"});
  clock_.Move(10s);
  const TimePoint since = clock_.Now();
  Do({"c", "d"});
  ASSERT_TRUE(ingest::RequestReplay(options_.path, since));
  Answer();
  EXPECT_EQ(TakeBodies(), (Strings{"c", "d"}));
  EXPECT_EQ(spool_->Stats().replayed, 2);
  EXPECT_EQ(spool_->Stats().done, 2);
}

// What is done once more is not brought back by the same request.
TEST_F(SpoolReplayTest, EachGoesOnce) {
  Open();
  Strings many;
  for (int i = 0; i < 2500; ++i) many.push_back(std::to_string(i));
  for (const std::string& body : many) {
    spool_->Put(Entry(body), [](Result<void>) {});
  }
  Settle();
  for (auto items = Take(); !items.empty(); items = Take()) spool_->MarkDone(Ids(items));
  WaitFor([&] { return spool_->Stats().depth == 0; });
  clock_.Move(10s);
  ASSERT_TRUE(ingest::RequestReplay(options_.path, TimePoint{}));
  clock_.Move(2s);
  std::size_t taken = 0;
  WaitFor([&] {
    const auto items = Take();
    taken += items.size();
    spool_->MarkDone(Ids(items));
    return !Asked() && spool_->Stats().depth == 0;
  });
  EXPECT_EQ(taken, many.size() + 1);
  EXPECT_EQ(spool_->Stats().done, static_cast<std::int64_t>(many.size() + 1));
}

TEST_F(SpoolReplayTest, WithoutAProcessItIsDoneAtOnce) {
  Open();
  Do({"a", "b", "c"});
  clock_.Move(10s);
  EXPECT_FALSE(ingest::ReplayNow(options_.path, TimePoint{}, clock_.Now()))
      << "the spool is held";
  spool_.reset();
  const auto replayed = ingest::ReplayNow(options_.path, TimePoint{}, clock_.Now());
  ASSERT_TRUE(replayed) << replayed.error().message;
  EXPECT_EQ(*replayed, 3);
  Open();
  EXPECT_EQ(TakeBodies(), (Strings{"a", "b", "c"}));
  for (const SpoolItem& item : Take()) EXPECT_EQ(item.crashes, 0);
}

TEST_F(SpoolReplayTest, ARequestOutlivesTheProcess) {
  Open();
  Do({"a"});
  clock_.Move(10s);
  spool_.reset();
  ASSERT_TRUE(ingest::RequestReplay(options_.path, TimePoint{}));
  Open();
  Answer();
  EXPECT_EQ(TakeBodies(), Strings{"a"});
}

TEST_F(SpoolReplayTest, AFileThatIsNoRequestIsNamed) {
  Open();
  Do({"a"});
  std::ofstream(ingest::ReplayRequestPath(options_.path)) << "tomorrow";
  clock_.Move(2s);
  WaitFor([&] { return !spool_->Stats().trouble.empty(); });
  EXPECT_NE(spool_->Stats().trouble.find("-replay"), std::string::npos);
  ASSERT_TRUE(Put("b")) << "and intake goes on";
}

TEST_F(SpoolReplayTest, TheListFromOutside) {
  const auto absent = ingest::ListSpool(options_.path, 10);
  ASSERT_TRUE(absent);
  EXPECT_TRUE(absent->empty());
  Open();
  for (const char* body : {"a", "b", "c", "d"}) ASSERT_TRUE(Put(body));
  const auto items = Take(3);
  spool_->MarkDone({items[0].entry_id});
  const TimePoint later = clock_.Now() + hours(1);
  spool_->Release({items[1].entry_id}, later);
  Settle("e");
  const auto list = ingest::ListSpool(options_.path, 3);
  ASSERT_TRUE(list) << list.error().message;
  Strings states;
  for (const auto& entry : *list) states.push_back(entry.state);
  EXPECT_EQ(states, (Strings{"waiting", "in hand", "ready"}));
  EXPECT_EQ(list->at(0).receipt_id, items[1].entry.receipt_id);
  EXPECT_EQ(list->at(0).not_before, later);
  EXPECT_EQ(list->at(0).received_at, items[1].entry.received_at);
  const auto done = ingest::CountDone(options_.path, clock_.Now() + 1s);
  ASSERT_TRUE(done);
  EXPECT_EQ(done->kept, 1);
  EXPECT_EQ(done->since, 0);
}

}  // namespace
}  // namespace tlsrpt::test
