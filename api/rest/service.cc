#include "api/rest/service.h"

#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/rest/conditional.h"
#include "api/rest/host.h"
#include "api/rest/routes.h"
#include "api/rest/target.h"
#include "api/rest/token_book.h"

namespace tlsrpt::api {
namespace {

bool IsHealth(const Route& route) { return !route.pattern.starts_with("/v1/"); }

}  // namespace

class Service::Impl {
 public:
  Impl(ServiceOptions options, ServiceParts parts)
      : options_(std::move(options)),
        parts_(std::move(parts)),
        workers_(
            options_.workers,
            [this](const std::string& why) {
              parts_.log->Write(Event::kDatabaseAway, {{"where", "api"}, {"what", why}});
            },
            [this](const std::string& what) {
              parts_.log->Write(Event::kInternalError,
                                {{"where", "api"}, {"what", what}});
            }) {}

  void Handle(net::HttpRequest request, net::HttpReply reply) {
    if (options_.on_loopback && !IsOurHost(request.Header("Host"), options_.host_names)) {
      return reply(ToResponse(
          Refusal(403,
                  "Host names none of ours; setting api.host_names lists more than "
                  "localhost")));
    }
    auto target = ParseTarget(request.Path(), request.Query());
    if (!target) return reply(ToResponse(Refusal(std::move(target).error())));
    auto match = FindRoute(request.method, *target);
    if (match && options_.health_only && !IsHealth(*match->route)) {
      match = Refusal(404, "health and metrics alone are answered here");
    }
    if (!match) {
      if (match.error().status == 404) {
        if (auto page = Page(request)) return reply(*std::move(page));
      }
      return reply(ToResponse(match.error()));
    }
    if (match->route->needs == Needs::kNothing) {
      return reply(Guarded([&] {
        return Answered(request, *match, target->parameters, Caller{}, nullptr);
      }));
    }
    Post(std::move(request), *std::move(match), std::move(target->parameters),
         std::move(reply));
  }

  void Stop() { workers_.Stop(); }

 private:
  // A file of the page. Needs no token: what it shows comes from routes that do.
  std::optional<net::HttpResponse> Page(const net::HttpRequest& request) const {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    if (!reads || !parts_.page || options_.health_only) return std::nullopt;
    auto answer = parts_.page(request.Path());
    if (!answer) return std::nullopt;
    return ToResponse(*std::move(answer), request);
  }

  using Parameters = std::map<std::string, std::string>;

  void Post(net::HttpRequest request, Match match, Parameters parameters,
            net::HttpReply reply) {
    reply = Counted(*match.route, std::move(reply));
    // A job is copied, a reply is given once.
    struct Pending {
      net::HttpRequest request;
      Match match;
      Parameters parameters;
      net::HttpReply reply;
    };
    auto pending = std::make_shared<Pending>(Pending{
        std::move(request), std::move(match), std::move(parameters), std::move(reply)});
    const bool taken = workers_.Post([this, pending](Lane& lane) {
      pending->reply(Work(lane, pending->request, pending->match, pending->parameters));
    });
    if (taken) return;
    Refusal busy(503, "too many requests wait; try again");
    busy.headers.emplace_back("Retry-After", "1");
    pending->reply(ToResponse(busy));
  }

  net::HttpReply Counted(const Route& route, net::HttpReply reply) {
    if (parts_.metrics == nullptr) return reply;
    const auto began = std::chrono::steady_clock::now();
    return [this, &route, began, reply = std::move(reply)](net::HttpResponse response) {
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
      parts_.metrics->Observe(Metric::kHttpDuration, {route.name}, took.count());
      parts_.metrics->Add(Metric::kHttpRequests,
                          {route.name, std::to_string(response.status)});
      reply(std::move(response));
    };
  }

  net::HttpResponse Work(Lane& lane, const net::HttpRequest& request, const Match& match,
                         const Parameters& parameters) {
    for (bool again = match.route->method == "GET";; again = false) {
      store::Connection* database = nullptr;
      net::HttpResponse response = Guarded([&] {
        database = lane.Database();
        return AtDoor(request, match, parameters, database);
      });
      // A server that went away while nobody asked is noticed by the next statement. A
      // read is asked again, over a new connection.
      if (!again || database == nullptr || !database->IsBroken()) return response;
    }
  }

  net::HttpResponse AtDoor(const net::HttpRequest& request, const Match& match,
                           const Parameters& parameters, store::Connection* database) {
    const Route& route = *match.route;
    if (options_.health_only) {
      return Answered(request, match, parameters, Caller{}, database);
    }
    const Doorkeeper door{.tokens = tokens_.Tokens(database),
                          .on_loopback = options_.on_loopback,
                          .works_without_database = route.needs != Needs::kDatabase};
    auto caller = Admit(door, request.Header("Authorization"), route.access);
    if (!caller) return Refused(std::move(caller).error());
    if (database == nullptr && route.needs == Needs::kDatabase) {
      Refusal away(503, "the database is away; try again");
      away.headers.emplace_back("Retry-After", "5");
      return Refused(away);
    }
    return Answered(request, match, parameters, *std::move(caller), database);
  }

  net::HttpResponse Answered(const net::HttpRequest& request, const Match& match,
                             const Parameters& parameters, Caller caller,
                             store::Connection* database) {
    const Call call{.request = request,
                    .path = match.path,
                    .parameters = parameters,
                    .caller = std::move(caller),
                    .around = parts_.around,
                    .database = database};
    auto answer = match.route->handler(call);
    return answer ? ToResponse(*std::move(answer), request)
                  : Refused(std::move(answer).error());
  }

  // The place that catches and still answers: an exception is our bug, and one request's.
  template <class F>
  net::HttpResponse Guarded(const F& answer) {
    try {
      return answer();
    } catch (const std::exception& e) {
      Refusal refusal(500, Refusal::kOurs);
      refusal.log = e.what();
      return Refused(refusal);
    }
  }

  net::HttpResponse Refused(const Refusal& refusal) {
    if (!refusal.log.empty()) {
      parts_.log->Write(refusal.status >= 500 && refusal.status != 503
                            ? Event::kInternalError
                            : Event::kRequestRefused,
                        {{"where", "api"}, {"what", refusal.log}});
    }
    return ToResponse(refusal);
  }

  ServiceOptions options_;
  ServiceParts parts_;
  TokenBook tokens_;
  Workers workers_;  // last: its threads use all of the above
};

Service::Service(ServiceOptions options, ServiceParts parts)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(parts))) {}

Service::~Service() { Stop(); }

void Service::Handle(net::HttpRequest request, net::HttpReply reply) {
  impl_->Handle(std::move(request), std::move(reply));
}

void Service::Stop() { impl_->Stop(); }

}  // namespace tlsrpt::api
