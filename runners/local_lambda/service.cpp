#include "runners/local_lambda/service.hpp"

#include <fmt/format.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace laggard::local {
namespace {

constexpr int kMostEvents = 10000;
constexpr int kMostErrors = 3;              // of an Event: the first run and two repetitions
constexpr std::chrono::hours kEventAge{6};  // then it is dropped
constexpr std::chrono::minutes kLongestPause{5};

}  // namespace

Service::Service(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log,
                 Meter& meter)
    : io_(io), options_(options), log_(log), meter_(meter), pool_(io, options, log, meter) {}

void Service::later(Time after, std::function<void()> act) {
  auto timer = std::make_shared<boost::asio::steady_timer>(io_, after);
  timer->async_wait([timer, act = std::move(act)](boost::system::error_code) { act(); });
}

void Service::invoke(Invocation invocation, std::function<void(Attempt)> over) {
  invocation.fate = draw_fate(options_.faults, ++last_invocation_);
  const std::string faults = to_text(invocation.fate);
  log_.line(fmt::format("invocation {} {}{}{}", last_invocation_, invocation.request_id,
                        faults.empty() ? "" : ": ", faults));
  if (invocation.fate.throttle) {
    meter_.update([](LocalLambdaMeter& meter) { ++meter.throttled; });
    return over({"CallerRateLimitExceeded", false, {}});
  }
  if (invocation.fate.server_error) return over({"", true, {}});
  run(std::move(invocation), std::move(over));
}

void Service::run(Invocation invocation, std::function<void(Attempt)> over) {
  Invocation again = invocation;  // what is served a second time has no faults
  again.fate = {};
  const bool twice = invocation.fate.duplicate, ghost = invocation.fate.ghost;
  const auto unheard = [](Outcome) {};
  const auto reason =
      pool_.run(std::move(invocation), [this, again, ghost, unheard, over](Outcome outcome) {
        if (ghost) {
          later(from_seconds(options_.faults.ghost_seconds), [this, again, unheard] {
            log_.line("ghost of " + again.request_id);
            pool_.run(again, unheard);
          });
        }
        const bool service_error = outcome.service_error;
        over({"", service_error, std::move(outcome)});
      });
  if (reason) {
    meter_.update([](LocalLambdaMeter& meter) { ++meter.throttled; });
    return over({*reason, false, {}});
  }
  if (twice) pool_.run(std::move(again), unheard);
}

bool Service::invoke_event(Invocation invocation) {
  if (events_ >= kMostEvents) return false;
  ++events_;
  auto event = std::make_shared<Event>();
  event->invocation = std::move(invocation);
  event->since = now();
  boost::asio::post(io_, [this, event] { try_event(event); });
  return true;
}

void Service::try_event(std::shared_ptr<Event> event) {
  invoke(event->invocation, [this, event](Attempt attempt) { on_event_over(event, attempt); });
}

void Service::on_event_over(const std::shared_ptr<Event>& event, const Attempt& attempt) {
  const bool never_ran = !attempt.throttle_reason.empty() || attempt.service_error;
  const bool dropped = (never_ran && now() - event->since > kEventAge) ||
                       (!never_ran && attempt.outcome.failed && ++event->errors >= kMostErrors);
  if (dropped) log_.line("event dropped " + event->invocation.request_id);
  if (dropped || (!never_ran && !attempt.outcome.failed)) {
    --events_;
    return;
  }
  event->throttles += never_ran;
  const int doublings = std::min((never_ran ? event->throttles : event->errors) - 1, 20);
  const Time pause = std::min<Time>(options_.event_backoff * (1 << doublings), kLongestPause);
  meter_.update([](LocalLambdaMeter& meter) { ++meter.retries; });
  later(pause, [this, event] { try_event(event); });
}

}  // namespace laggard::local
