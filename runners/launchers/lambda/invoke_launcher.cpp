#include "runners/launchers/lambda/invoke_launcher.hpp"

#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "runners/channels/open_files.hpp"
#include "runners/launchers/lambda/invoke_answer.hpp"
#include "runners/launchers/lambda/live_credentials.hpp"
#include "runners/launchers/lambda/preparation.hpp"
#include "runners/launchers/lambda/spending.hpp"

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <deque>

namespace laggard {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

constexpr Time kOverFunctionTimeout = std::chrono::seconds(60);
constexpr Time kPauseForRenewal = std::chrono::seconds(10);
constexpr Time kRefusedPause = std::chrono::seconds(10);
constexpr int kMostUnprepared = 8;
constexpr Time kNoRoomPause = std::chrono::seconds(1);
constexpr Time kNoRoomGap =
    std::chrono::seconds(12);  // between refusals: something started meanwhile

Time since_epoch() { return Clock::now().time_since_epoch(); }

}  // namespace

class InvokeLauncher::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(asio::io_context& loop, InvokeOptions options)
      : loop_(loop),
        options_(std::move(options)),
        address_(function_address(options_.function,
                                  find_region(options_.region, options_.environment),
                                  find_endpoint(options_.endpoint, options_.environment))),
        http_(loop),
        credentials_(loop, options_.credentials, options_.environment, [this] { pump(); }),
        retries_(options_.retry),
        spending_(options_.max_usd, options_.memory_mb),
        timeout_(options_.timeout) {}

  void prepare(int workers);
  void start(const Assignment& assignment, Ended ended);
  void connected(WorkerKey key);
  void ready();
  void cancel(WorkerKey key);
  void finish(Time patience);

  asio::io_context& loop() { return loop_; }
  void when_troubled(Troubled troubled) { troubled_ = std::move(troubled); }
  Time timeout() const { return timeout_; }
  FleetCost cost() const { return spending_.cost(since_epoch()); }
  std::optional<std::string> budget_spent() const {
    return refused_ ? refused_ : spending_.why_stop(since_epoch());
  }

 private:
  struct Start {
    WorkerKey key;
    std::string connect;
    Secret payload;  // it holds the worker's token
    Ended ended;
    int attempt = 0;  // how often it was sent
    std::optional<HttpClient::Id> request;
    std::unique_ptr<asio::steady_timer> pause;
    int signed_with = 0;  // the generation of the credentials
    bool cancelled = false;
    bool connected = false;  // its worker has reached the coordinator
  };
  using Id = std::int64_t;

  void pump();
  void send_next();
  void send(Id id, Start& start);
  void on_answer(Id id, const HttpResponse& response);
  bool send_again(Id id, Start& start, InvokeAnswer& answer);
  void judge(InvokeAnswer& answer);
  void end(Id id, InvocationEnd end);

  asio::io_context& loop_;
  InvokeOptions options_;
  FunctionAddress address_;
  HttpClient http_;
  LiveCredentials credentials_;
  Retries retries_;
  Spending spending_;
  Time timeout_;
  Troubled troubled_;
  int most_requests_ = kMostUnprepared;  // under way: each takes descriptors
  std::map<Id, Start> starts_;
  std::deque<Id> waiting_;  // to be sent when there is room
  Id next_id_ = 1;
  int under_way_ = 0;
  int workers_ = 1;
  bool any_connected_ = false;
  int mute_ends_ = 0;  // of processes that ended by themselves before any worker had connected
  int ready_ = 0;      // workers that became ready, each incarnation counted
  bool reached_service_ = false;
  std::optional<Time> no_room_since_;  // one refusal after the other
  Time no_room_last_{};
  bool finished_ = false;
  std::optional<std::string> refused_;  // why a start was, for want of money
};

void InvokeLauncher::Impl::prepare(int workers) {
  forbid_core_dumps();
  workers_ = workers;
  credentials_.find();
  most_requests_ = check_open_files(workers, options_.files_per_worker);
  Preparation preparation;
  preparation.stop = options_.stop;
  preparation.fetch = [this](const HttpRequest& request) { return http_.fetch(request); };
  preparation.notice = options_.notice;
  preparation.connect_timeout = options_.connect_timeout;
  preparation.patience = options_.patience;
  if (const auto state = prepare_function(preparation, address_, credentials_.get(), workers)) {
    timeout_ = state->timeout;
    spending_.set_memory(state->memory_mb);
  }
  reached_service_ = true;
  if (const double usd = spending_.to_start(workers); usd > spending_.most_usd())
    throw Error(fmt::format(
        "--max-usd {}: starting {} workers may cost {:.2g} $ before they can be told to end; "
        "expected {:.2g} or more, or fewer workers",
        spending_.most_usd(), workers, usd, 2 * usd));
}

void InvokeLauncher::Impl::start(const Assignment& assignment, Ended ended) {
  const Id id = next_id_++;
  Start& start = starts_[id];
  start.key = {assignment.worker, assignment.incarnation};
  start.connect = assignment.connect;
  start.payload = Secret(to_json(assignment));
  start.ended = std::move(ended);
  waiting_.push_back(id);
  asio::post(loop_, [self = weak_from_this()] {
    if (const auto launcher = self.lock()) launcher->pump();
  });
}

void InvokeLauncher::Impl::connected(WorkerKey key) {
  any_connected_ = true;
  for (auto& [id, start] : starts_) {
    if (!(start.key == key)) continue;
    start.connected = true;
    spending_.connected(id);
  }
}

void InvokeLauncher::Impl::ready() {
  ++ready_;
  no_room_since_.reset();
}

// Sends what waits, as long as there is room.
void InvokeLauncher::Impl::pump() {
  if (finished_) {
    while (!waiting_.empty()) send_next();
    return;
  }
  credentials_.look_after();
  while (!waiting_.empty() && under_way_ < most_requests_ && !credentials_.should_wait())
    send_next();
}

void InvokeLauncher::Impl::send_next() {
  const Id id = waiting_.front();
  waiting_.pop_front();
  const auto at = starts_.find(id);
  if (at != starts_.end() && !at->second.request) send(id, at->second);
}

void InvokeLauncher::Impl::send(Id id, Start& start) {
  if (finished_ || start.cancelled) {
    end(id, {.not_begun = true, .why = "it is not needed any more"});
    return;
  }
  if (const auto why = spending_.why_refuse(since_epoch())) {
    refused_ = why;  // the fleet asks budget_spent() within a second
    end(id, {.not_begun = true, .retry_after = kRefusedPause, .why = *why});
    return;
  }
  HttpRequest request = invoke_request(address_, credentials_.get(), start.payload.reveal());
  request.connect_timeout = options_.connect_timeout;
  request.timeout = timeout_ + kOverFunctionTimeout;
  ++start.attempt;
  start.signed_with = credentials_.generation();
  ++under_way_;
  spending_.started(id, since_epoch());
  // The client is a member: it calls nobody after this.
  start.request =
      http_.send(request, [this, id](const HttpResponse& response) { on_answer(id, response); });
}

void InvokeLauncher::Impl::on_answer(Id id, const HttpResponse& response) {
  const auto self = shared_from_this();  // whatever `ended` does
  Start& start = starts_.at(id);
  start.request.reset();
  --under_way_;
  InvokeContext context{address_, any_connected_, start.connect, options_.kills_asked};
  InvokeAnswer answer = read_answer(response, context);
  reached_service_ = reached_service_ || answer.reached_service;
  answer.end.not_begun = answer.not_started;
  if (!answer.end.failed && !start.connected && !start.cancelled) {
    answer.end.failed = answer.ended_by_itself = true;
    answer.end.why = fmt::format(
        "--function {}: it ended without a word to the coordinator; expected the "
        "laggard-worker of this build (its lambda_zip)",
        address_.text());
  }
  // What ends at one place before it has begun ends so at the others.
  if (answer.ended_by_itself && !any_connected_ && !start.cancelled)
    answer.end.hopeless = ++mute_ends_ >= std::min(workers_, 2);
  if (answer.not_started) {
    spending_.not_started(id);
  } else {
    spending_.ended(id, since_epoch(), answer.billing);
  }
  judge(answer);
  if (answer.refresh && !credentials_.trouble().empty()) {  // which may pass
    answer.end.why += "; and " + credentials_.trouble();
    answer.end.hopeless = false;
    answer.end.retry_after = kPauseForRenewal;
  }
  if (!send_again(id, start, answer)) end(id, std::move(answer.end));
  pump();
}

// What only the course of the run so far tells.
void InvokeLauncher::Impl::judge(InvokeAnswer& answer) {
  if (!answer.not_started) return;
  if (!answer.reached_service && !reached_service_) {
    answer.end.hopeless = true;
    answer.end.why += fmt::format(
        "; check --region {}, --endpoint and the network (proxy, firewall)", address_.region);
  }
  if (!answer.no_room) return;
  answer.end.retry_after = std::max(answer.end.retry_after, kNoRoomPause);
  const Time now = since_epoch();
  if (!no_room_since_ || now - no_room_last_ > kNoRoomGap) no_room_since_ = now;
  no_room_last_ = now;
  if (ready_ < workers_ && now - *no_room_since_ > options_.patience) {
    answer.end.hopeless = true;
    answer.end.why = fmt::format(
        "--workers {}: the concurrency of {} lets only {} start ({}); raise it "
        "or take fewer workers",
        workers_, address_.text(), ready_, answer.end.why);
  }
}

// True: the request goes out again, now or later. Where there is no room for another environment
// that is up to the lifecycle, for nothing changes within seconds.
bool InvokeLauncher::Impl::send_again(Id id, Start& start, InvokeAnswer& answer) {
  if (!answer.not_started || start.cancelled || finished_) return false;
  if (answer.refresh && start.attempt < options_.retry.most_attempts &&
      (start.signed_with != credentials_.generation() || credentials_.renew())) {
    waiting_.push_back(id);
    return true;
  }
  if (answer.end.hopeless || answer.no_room) return false;
  const auto delay = retries_.next(start.attempt, since_epoch());
  if (!delay) return false;
  if (troubled_) troubled_(start.key, answer.end.why);
  start.pause = std::make_unique<asio::steady_timer>(loop_);
  start.pause->expires_after(std::max(*delay, answer.end.retry_after));
  start.pause->async_wait([self = weak_from_this(), id](const boost::system::error_code& failure) {
    const auto launcher = self.lock();
    if (failure || !launcher) return;
    const auto at = launcher->starts_.find(id);
    if (at == launcher->starts_.end()) return;
    at->second.pause.reset();
    launcher->waiting_.push_back(id);
    launcher->pump();
  });
  return true;
}

void InvokeLauncher::Impl::end(Id id, InvocationEnd end) {
  const auto at = starts_.find(id);
  Start start = std::move(at->second);
  starts_.erase(at);
  start.ended(start.key, std::move(end));
}

void InvokeLauncher::Impl::cancel(WorkerKey key) {
  for (auto& [id, start] : starts_) {
    if (!(start.key == key)) continue;
    start.cancelled = true;
    if (!start.pause) continue;
    start.pause.reset();
    waiting_.push_back(id);
  }
  asio::post(loop_, [self = weak_from_this()] {
    if (const auto launcher = self.lock()) launcher->pump();
  });
}

void InvokeLauncher::Impl::finish(Time patience) {
  finished_ = true;
  const Clock::time_point limit = Clock::now() + patience;
  for (auto& [id, start] : starts_) {
    if (start.pause) waiting_.push_back(id);
    start.pause.reset();
  }
  asio::post(loop_, [self = weak_from_this()] {
    if (const auto launcher = self.lock()) launcher->pump();
  });
  loop_.restart();
  while (!starts_.empty() && loop_.run_one_until(limit) > 0) {
  }
  while (!starts_.empty()) {
    const auto& [id, start] = *starts_.begin();
    if (start.request) http_.drop(*start.request);
    spending_.ended(id, since_epoch(), std::nullopt);
    end(id, {.failed = true, .why = "it had not ended when the run did"});
  }
}

InvokeLauncher::InvokeLauncher(asio::io_context& loop, InvokeOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

InvokeLauncher::~InvokeLauncher() = default;

void InvokeLauncher::when_troubled(Troubled troubled) { impl_->when_troubled(std::move(troubled)); }
void InvokeLauncher::prepare(int workers) { impl_->prepare(workers); }
void InvokeLauncher::start(const Assignment& assignment, Ended ended) {
  impl_->start(assignment, std::move(ended));
}
void InvokeLauncher::worker_connected(WorkerKey key) { impl_->connected(key); }
void InvokeLauncher::worker_ready(WorkerKey) { impl_->ready(); }
void InvokeLauncher::cancel(WorkerKey key) { impl_->cancel(key); }
void InvokeLauncher::finish(Time patience) { impl_->finish(patience); }
Time InvokeLauncher::timeout() const { return impl_->timeout(); }
std::optional<FleetCost> InvokeLauncher::cost() const { return impl_->cost(); }
std::optional<std::string> InvokeLauncher::budget_spent() const { return impl_->budget_spent(); }

}  // namespace laggard
