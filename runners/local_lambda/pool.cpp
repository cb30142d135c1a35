#include "runners/local_lambda/pool.hpp"

#include "core/task/random.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/post.hpp>

namespace laggard::local {
namespace {

using State = Environment::State;

constexpr std::uint64_t kKillDraws = std::uint64_t{1} << 40;  // above any invocation's number

}  // namespace

bool ScalingBucket::take(Time now) {
  tokens_ = std::min(rate_, tokens_ + to_seconds(now - last_) * rate_ / 10);
  last_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

Pool::Pool(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log, Meter& meter)
    : io_(io),
      options_(options),
      log_(log),
      meter_(meter),
      scaling_(options.scaling_rate),
      killer_(io) {
  kill_some_day();
}

int Pool::busy() const {
  return static_cast<int>(std::count_if(environments_.begin(), environments_.end(), [](auto& item) {
    return item.second->state() == State::busy || item.second->state() == State::starting;
  }));
}

std::optional<std::string> Pool::run(Invocation invocation, Done done) {
  const int running = busy();
  if (options_.reserved_concurrency > 0 && running >= options_.reserved_concurrency) {
    return "ReservedFunctionConcurrentInvocationLimitExceeded";
  }
  if (running >= options_.concurrency) return "ConcurrentInvocationLimitExceeded";
  const Done counted = [this, done = std::move(done)](Outcome outcome) {
    on_outcome(outcome);
    done(std::move(outcome));
  };
  if (!idle_.empty()) {
    const int number = idle_.back();
    idle_.pop_back();
    environments_.at(number)->run(std::move(invocation), counted);
    return std::nullopt;
  }
  if (!scaling_.take(now())) {
    return "CallerRateLimitExceeded";
  }
  const int number = ++last_number_;
  const auto environment = std::make_shared<Environment>(
      io_, options_, log_, number, [this](Environment& changed) { on_changed(changed); });
  environments_.emplace(number, environment);
  meter_.update([&](LocalLambdaMeter& meter) {
    ++meter.cold_starts;
    meter.environments = static_cast<int>(environments_.size());
    meter.most_environments = std::max(meter.most_environments, meter.environments);
  });
  environment->run(std::move(invocation), counted);
  return std::nullopt;
}

void Pool::on_changed(Environment& environment) {
  const int number = environment.number();
  if (environment.state() == State::idle) return idle_.push_back(number);
  std::erase(idle_, number);
  if (environment.state() != State::gone) return;
  const auto found = environments_.find(number);
  // It is in the middle of telling us.
  boost::asio::post(io_, [gone = std::move(found->second)] {});
  environments_.erase(found);
  meter_.update([&](LocalLambdaMeter& meter) {
    meter.environments = static_cast<int>(environments_.size());
  });
}

void Pool::on_outcome(const Outcome& outcome) {
  meter_.update([&](LocalLambdaMeter& meter) {
    if (outcome.service_error) return;
    ++meter.invocations;
    meter.errors += outcome.failed;
    meter.billed_gb_seconds += billed_gb_seconds(outcome.usage);
  });
}

void Pool::kill_some_day() {
  const double seconds = options_.faults.kill_every_seconds;
  if (seconds <= 0) return;
  killer_.set(from_seconds(seconds), [this] {
    std::vector<Environment*> busy;
    for (const auto& [number, environment] : environments_) {
      if (environment->state() == State::busy) busy.push_back(environment.get());
    }
    if (!busy.empty()) {
      Draws draws(options_.faults.seed, Stream::local_lambda, kKillDraws + kills_++);
      Environment& unlucky = *busy[draws.below(static_cast<std::uint32_t>(busy.size()))];
      log_.line(fmt::format("[{}] fault kill_every", unlucky.number()));
      unlucky.kill();
    }
    kill_some_day();
  });
}

}  // namespace laggard::local
