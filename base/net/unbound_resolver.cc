#include "base/net/unbound_resolver.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unbound.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace tlsrpt::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// All records of one answer: a DKIM key of 8192 bits takes 1.5 KB, and whoever publishes
// more than this wants our memory.
constexpr std::size_t kMaxAnswerBytes = 16u << 10;
constexpr int kClassIn = 1;
constexpr int kRcodeNoError = 0;
constexpr int kRcodeNoName = 3;

// Names that libunbound would answer itself with "no such name" (RFC 6761). A resolver
// that was named expressly is believed about them too.
constexpr const char* kReservedZones[] = {"test.", "invalid.", "onion.", "localhost."};

struct Option {
  const char* name;
  const char* value;
};
constexpr Option kLibraryOptions[] = {
    // A resolver on this machine is the usual one.
    {"do-not-query-localhost:", "no"},
    // After an outage libunbound leaves a dead server alone for 15 minutes; whoever waits
    // for it should learn sooner that it is back.
    {"infra-host-ttl:", "30"},
    {"infra-keep-probing:", "yes"},
};

Error Refused(const std::string& what, int code) {
  return Error{ErrorKind::kUnavailable, what + ": " + ub_strerror(code)};
}

std::string ServerText(const Endpoint& server) {
  return server.address.ToString() + "@" + std::to_string(server.port);
}

DnsAnswer Failure(std::string why) {
  DnsAnswer answer;
  answer.why = std::move(why);
  return answer;
}

DnsAnswer AnswerOf(const ub_result& result) {
  DnsAnswer answer;
  answer.ttl = std::chrono::seconds(std::max(result.ttl, 0));
  answer.dnssec = result.secure != 0;
  // First: a bogus answer looks like a good one in all other members.
  if (result.bogus != 0) {
    answer.status = DnsAnswer::Status::kBogus;
    answer.why = result.why_bogus != nullptr ? result.why_bogus : "DNSSEC: bogus";
    return answer;
  }
  if (result.havedata != 0) {
    std::size_t bytes = 0;
    for (int i = 0; result.data[i] != nullptr; ++i) {
      const auto length = static_cast<std::size_t>(result.len[i]);
      bytes += length;
      answer.records.emplace_back(result.data[i], length);
    }
    if (bytes > kMaxAnswerBytes) {
      answer.records.clear();
      answer.status = DnsAnswer::Status::kNone;
      answer.why = "the records are longer than " + std::to_string(kMaxAnswerBytes) +
                   " bytes together";
      return answer;
    }
    answer.status = DnsAnswer::Status::kFound;
    return answer;
  }
  if (result.rcode == kRcodeNoError || result.rcode == kRcodeNoName) {
    answer.status = DnsAnswer::Status::kNone;
    answer.why = result.nxdomain != 0 ? "no such name" : "nothing of that type";
    return answer;
  }
  constexpr int kRcodeServerFailure = 2;
  constexpr int kRcodeRefused = 5;
  answer.why = result.rcode == kRcodeServerFailure ? "SERVFAIL"
               : result.rcode == kRcodeRefused
                   ? "REFUSED"
                   : "DNS error " + std::to_string(result.rcode);
  return answer;
}

class UnboundResolver final : public Resolver {
 public:
  UnboundResolver(ub_ctx* context, int wake, const ResolverOptions& options)
      : context_(context),
        wake_(wake),
        timeout_(options.timeout),
        max_queries_(options.max_queries),
        thread_([this] { Run(); }) {}

  ~UnboundResolver() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    Wake();
    thread_.join();
    ub_ctx_delete(context_);
    close(wake_);
    for (auto& [number, query] : open_) query.done(Failure("the resolver was stopped"));
    for (Asked& asked : asked_) asked.done(Failure("the resolver was stopped"));
  }

  void Resolve(const std::string& name, DnsType type, Done done) override {
    bool too_many = false;
    {
      const std::lock_guard lock(mutex_);
      too_many = stopping_ || in_flight_ >= max_queries_;
      if (!too_many) {
        ++in_flight_;
        asked_.push_back({name, type, std::move(done)});
      }
    }
    if (too_many) {
      done(Failure("too many DNS queries at once"));
      return;
    }
    Wake();
  }

 private:
  struct Asked {
    std::string name;
    DnsType type;
    Done done;
  };
  struct Query {
    Done done;
    steady_clock::time_point deadline;
    int async_id = 0;
  };
  // What libunbound is given to hand back. It lives as long as the query does: a query
  // that was cancelled is not called back.
  struct Ticket {
    UnboundResolver* resolver;
    std::uint64_t number;
  };

  void Wake() {
    const std::uint64_t one = 1;
    // A counter at its limit wakes as well.
    [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof one);
  }

  void Run() {
    pollfd sources[] = {{ub_fd(context_), POLLIN, 0}, {wake_, POLLIN, 0}};
    for (;;) {
      poll(sources, std::size(sources), UntilDeadline());
      if ((sources[1].revents & POLLIN) != 0) {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = read(wake_, &count, sizeof count);
      }
      std::vector<Asked> asked;
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        asked.swap(asked_);
      }
      for (Asked& one : asked) Start(std::move(one));
      if ((sources[0].revents & POLLIN) != 0) ub_process(context_);
      Expire();
    }
  }

  // All queries have the same timeout, so the oldest is the first to run out.
  int UntilDeadline() const {
    if (open_.empty()) return -1;
    const auto left = open_.begin()->second.deadline - steady_clock::now();
    return static_cast<int>(
        std::max<std::int64_t>(0, std::chrono::ceil<milliseconds>(left).count()));
  }

  void Start(Asked asked) {
    const std::uint64_t number = next_++;
    Query& query = open_[number];
    query.done = std::move(asked.done);
    query.deadline = steady_clock::now() + timeout_;
    auto ticket = std::make_unique<Ticket>(Ticket{this, number});
    const int code =
        ub_resolve_async(context_, asked.name.c_str(), static_cast<int>(asked.type),
                         kClassIn, ticket.get(), &OnAnswer, &query.async_id);
    tickets_[number] = std::move(ticket);
    if (code != 0) Finish(number, Failure(ub_strerror(code)));
  }

  static void OnAnswer(void* mine, int code, ub_result* result) {
    const Ticket ticket = *static_cast<Ticket*>(mine);
    DnsAnswer answer =
        code != 0 || result == nullptr ? Failure(ub_strerror(code)) : AnswerOf(*result);
    ub_resolve_free(result);
    ticket.resolver->Finish(ticket.number, std::move(answer));
  }

  void Expire() {
    const auto now = steady_clock::now();
    while (!open_.empty() && open_.begin()->second.deadline <= now) {
      const std::uint64_t number = open_.begin()->first;
      ub_cancel(context_, open_.begin()->second.async_id);
      Finish(number,
             Failure("no answer within " + std::to_string(timeout_.count()) + " ms"));
    }
  }

  void Finish(std::uint64_t number, DnsAnswer answer) {
    const auto found = open_.find(number);
    if (found == open_.end()) return;
    const Done done = std::move(found->second.done);
    open_.erase(found);
    tickets_.erase(number);
    {
      const std::lock_guard lock(mutex_);
      --in_flight_;
    }
    done(std::move(answer));
  }

  ub_ctx* const context_;
  const int wake_;
  const milliseconds timeout_;
  const std::size_t max_queries_;

  std::mutex mutex_;
  std::vector<Asked> asked_;
  std::size_t in_flight_ = 0;
  bool stopping_ = false;

  // The thread's alone.
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Query> open_;
  std::map<std::uint64_t, std::unique_ptr<Ticket>> tickets_;

  std::thread thread_;  // last: it uses all of the above
};

// The order matters: options and anchors first, and what makes libunbound read them last.
Result<void> Configure(ub_ctx* context, const ResolverOptions& options) {
  // It would write to standard error as it pleases; our log says what matters.
  ub_ctx_debugout(context, nullptr);
  for (const Option& option : kLibraryOptions) {
    if (const int code = ub_ctx_set_option(context, option.name, option.value);
        code != 0) {
      return Refused(std::string("libunbound refuses ") + option.name, code);
    }
  }
  if (options.server) {
    const std::string server = ServerText(*options.server);
    if (const int code = ub_ctx_set_fwd(context, server.c_str()); code != 0) {
      return Refused("resolver " + server, code);
    }
  } else if (const int code = ub_ctx_resolvconf(context, nullptr); code != 0) {
    return Refused("/etc/resolv.conf cannot be read; name a resolver with --resolver",
                   code);
  }
  if (!options.trust_anchor.empty()) {
    if (auto there = CheckTrustAnchor(options); !there) return there;
    if (const int code = ub_ctx_add_ta_file(context, options.trust_anchor.c_str());
        code != 0) {
      return Refused("trust anchor " + options.trust_anchor, code);
    }
  }
  // Threads, not a fork: a child would hold our sockets open.
  if (const int code = ub_ctx_async(context, 1); code != 0) {
    return Refused("libunbound refuses threads", code);
  }
  if (options.server) {
    for (const char* zone : kReservedZones) {
      if (const int code = ub_ctx_zone_remove(context, zone); code != 0) {
        return Refused(std::string("libunbound refuses to let go of ") + zone, code);
      }
    }
  }
  return {};
}

}  // namespace

Result<void> CheckTrustAnchor(const ResolverOptions& options) {
  if (options.trust_anchor.empty() || std::ifstream(options.trust_anchor)) return {};
  return Error{ErrorKind::kUnavailable,
               "trust anchor " + options.trust_anchor + ": " + std::strerror(errno) +
                   "; install dns-root-data, or set dns.trust_anchor = \"\" to do "
                   "without DNSSEC"};
}

Result<std::unique_ptr<Resolver>> OpenUnboundResolver(const ResolverOptions& options) {
  ub_ctx* const context = ub_ctx_create();
  if (context == nullptr) {
    return Error{ErrorKind::kUnavailable, "libunbound cannot be started"};
  }
  if (auto configured = Configure(context, options); !configured) {
    ub_ctx_delete(context);
    return std::move(configured).error();
  }
  const int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (wake < 0) {
    const int code = errno;
    ub_ctx_delete(context);
    return Error{ErrorKind::kUnavailable,
                 std::string("cannot make an event: ") + std::strerror(code)};
  }
  return std::unique_ptr<Resolver>(
      std::make_unique<UnboundResolver>(context, wake, options));
}

}  // namespace tlsrpt::net
