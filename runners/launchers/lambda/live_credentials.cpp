#include "runners/launchers/lambda/live_credentials.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <thread>
#include <utility>

namespace laggard {

namespace asio = boost::asio;

namespace {

constexpr auto kBefore = std::chrono::minutes(5);
// Between two renewals: who has none to give is not asked without end.
constexpr auto kPause = std::chrono::seconds(10);

}  // namespace

struct LiveCredentials::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, bool fixed, EnvironmentVariables looked_in,
        std::function<void()> told)
      : loop(io), is_fixed(fixed), environment(std::move(looked_in)), renewed(std::move(told)) {}

  bool expires_within(Clock::duration time) const {
    return credentials.expires && *credentials.expires - Clock::now() <= time;
  }

  void start() {
    renewing = true;
    waits = waits || expires_within({});
    if (thread.joinable()) thread.join();
    thread = std::thread([self = weak_from_this(), &io = loop, where = environment,
                          work = asio::make_work_guard(loop)] {
      std::optional<Credentials> found;
      std::string why;
      try {
        found = find_credentials(where);
      } catch (const std::exception& error) {
        why = error.what();
      }
      asio::post(io, [self, found = std::move(found), why = std::move(why)]() mutable {
        if (const auto state = self.lock()) state->take(std::move(found), std::move(why));
      });
    });
  }

  void take(std::optional<Credentials> found, std::string why) {
    renewing = waits = false;
    next = std::chrono::steady_clock::now() + kPause;
    if (found) {
      credentials = std::move(*found);
      ++generation;
    }
    trouble = std::move(why);
    renewed();
  }

  bool may_start() const {
    return !renewing && !is_fixed && std::chrono::steady_clock::now() >= next;
  }

  asio::io_context& loop;
  bool is_fixed;
  EnvironmentVariables environment;
  std::function<void()> renewed;
  Credentials credentials;
  int generation = 0;
  std::thread thread;  // at most one; it posts its result
  bool renewing = false, waits = false;
  std::chrono::steady_clock::time_point next;  // the earliest
  std::string trouble;
};

LiveCredentials::LiveCredentials(asio::io_context& loop, std::optional<Credentials> given,
                                 EnvironmentVariables environment, std::function<void()> renewed)
    : state_(std::make_shared<State>(loop, given.has_value(), std::move(environment),
                                     std::move(renewed))) {
  if (given) state_->credentials = std::move(*given);
}

LiveCredentials::~LiveCredentials() {
  if (state_->thread.joinable()) state_->thread.join();
}

void LiveCredentials::find() {
  if (!state_->is_fixed) state_->credentials = find_credentials(state_->environment);
}

const Credentials& LiveCredentials::get() const { return state_->credentials; }

int LiveCredentials::generation() const { return state_->generation; }

void LiveCredentials::look_after() {
  if (state_->expires_within(kBefore) && state_->may_start()) state_->start();
}

bool LiveCredentials::renew() {
  if (state_->may_start()) state_->start();
  if (!state_->renewing) return false;
  state_->waits = true;
  return true;
}

bool LiveCredentials::should_wait() const { return state_->waits; }

std::string LiveCredentials::trouble() const { return state_->trouble; }

}  // namespace laggard
