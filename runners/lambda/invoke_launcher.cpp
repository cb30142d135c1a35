#include "runners/lambda/invoke_launcher.hpp"

#include "core/error.hpp"
#include "core/wire/proof.hpp"
#include "runners/lambda/invoke_answer.hpp"
#include "runners/lambda/open_files.hpp"
#include "runners/lambda/preparation.hpp"
#include "runners/lambda/spending.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <thread>

namespace laggard {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

constexpr Time kOverFunctionTimeout = std::chrono::seconds(60);
constexpr int kMostUnprepared = 8;
constexpr Time kRefreshBefore = std::chrono::minutes(5);
constexpr Time kNoRoomPause = std::chrono::seconds(1);
constexpr Time kNoRoomGap = std::chrono::seconds(12);  // between refusals: something started meanwhile

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
        retries_(options_.retry),
        spending_(options_.max_usd, options_.memory_mb),
        timeout_(options_.timeout) {}

  void prepare(int workers);
  void start(const Assignment& assignment, Ended ended);
  void ready(WorkerKey key);
  void cancel(WorkerKey key);
  void finish(Time patience);
  void stop();

  asio::io_context& loop() { return loop_; }
  Time timeout() const { return timeout_; }
  const Spending& spending() const { return spending_; }

 private:
  struct Start {
    WorkerKey key;
    std::string connect;
    Secret payload;   // it holds the worker's token
    Ended ended;
    int attempt = 0;  // how often it was sent
    std::optional<HttpClient::Id> request;
    std::unique_ptr<asio::steady_timer> pause;
    bool cancelled = false;
  };
  using Id = std::int64_t;

  void pump();
  void send(Id id, Start& start);
  void on_answer(Id id, const HttpResponse& response);
  bool send_again(Id id, Start& start, InvokeAnswer& answer);
  void judge(InvokeAnswer& answer);
  void end(Id id, InvocationEnd end);
  void refresh_credentials(bool at_once);

  asio::io_context& loop_;
  InvokeOptions options_;
  FunctionAddress address_;
  HttpClient http_;
  Retries retries_;
  Spending spending_;
  Time timeout_;
  int most_requests_ = kMostUnprepared;  // under way: each takes descriptors
  Credentials credentials_;
  std::thread refresh_;       // at most one; it posts its result
  bool refreshing_ = false;
  std::string not_renewed_;   // why the credentials could not be renewed
  bool hold_ = false;         // nothing is sent until the credentials are new
  std::map<Id, Start> starts_;
  std::deque<Id> waiting_;    // to be sent when there is room
  Id next_id_ = 1;
  int under_way_ = 0;
  int workers_ = 1;
  int ready_ = 0;             // workers that became ready, each incarnation counted
  bool reached_service_ = false;
  std::optional<Time> no_room_since_;  // one refusal after the other
  Time no_room_last_{};
  bool finished_ = false;
};

void InvokeLauncher::Impl::prepare(int workers) {
  forbid_core_dumps();
  workers_ = workers;
  credentials_ = options_.credentials ? *options_.credentials
                                      : find_credentials(options_.environment);
  most_requests_ = check_open_files(workers, options_.files_per_worker);
  Preparation preparation;
  preparation.stop = options_.stop;
  preparation.fetch = [this](const HttpRequest& request) { return http_.fetch(request); };
  preparation.notice = options_.notice;
  preparation.connect_timeout = options_.connect_timeout;
  preparation.patience = options_.patience;
  if (const auto state = prepare_function(preparation, address_, credentials_, workers)) {
    timeout_ = state->timeout;
    spending_.set_memory(state->memory_mb);
  }
  reached_service_ = true;
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

void InvokeLauncher::Impl::ready(WorkerKey key) {
  for (const auto& [id, start] : starts_)
    if (start.key == key) spending_.connected(id);
  ++ready_;
  no_room_since_.reset();
}

// Sends what waits, as long as there is room.
void InvokeLauncher::Impl::pump() {
  refresh_credentials(false);
  while (!waiting_.empty() && under_way_ < most_requests_ && !hold_) {
    const Id id = waiting_.front();
    waiting_.pop_front();
    const auto at = starts_.find(id);
    if (at != starts_.end()) send(id, at->second);
  }
}

void InvokeLauncher::Impl::send(Id id, Start& start) {
  if (finished_ || start.cancelled) {
    end(id, {.failed = true, .why = "it is not needed any more"});
    return;
  }
  if (const auto why = spending_.why_refuse(since_epoch())) {
    end(id, {.failed = true, .hopeless = true, .why = *why});
    return;
  }
  HttpRequest request = invoke_request(address_, credentials_, start.payload.reveal());
  request.connect_timeout = options_.connect_timeout;
  request.timeout = timeout_ + kOverFunctionTimeout;
  ++start.attempt;
  ++under_way_;
  spending_.started(id, since_epoch());
  // The client is a member: it calls nobody after this.
  start.request = http_.send(request, [this, id](const HttpResponse& response) {
    on_answer(id, response);
  });
}

void InvokeLauncher::Impl::on_answer(Id id, const HttpResponse& response) {
  const auto self = shared_from_this();  // whatever `ended` does
  Start& start = starts_.at(id);
  start.request.reset();
  --under_way_;
  InvokeContext context{address_, ready_ > 0, start.connect};
  InvokeAnswer answer = read_answer(response, context);
  reached_service_ = reached_service_ || answer.reached_service;
  if (answer.not_started) {
    spending_.not_started(id);
  } else {
    spending_.ended(id, since_epoch(), answer.billing);
  }
  judge(answer);
  if (answer.refresh && !not_renewed_.empty()) answer.end.why += "; and " + not_renewed_;
  if (!send_again(id, start, answer)) end(id, std::move(answer.end));
  pump();
}

// What only the course of the run so far tells.
void InvokeLauncher::Impl::judge(InvokeAnswer& answer) {
  if (!answer.not_started) return;
  if (!answer.reached_service && !reached_service_) {
    answer.end.hopeless = true;
    answer.end.why += fmt::format("; check --region {}, --endpoint and the network (proxy, firewall)",
                                  address_.region);
  }
  if (!answer.no_room) return;
  answer.end.retry_after = std::max(answer.end.retry_after, kNoRoomPause);
  const Time now = since_epoch();
  if (!no_room_since_ || now - no_room_last_ > kNoRoomGap) no_room_since_ = now;
  no_room_last_ = now;
  if (ready_ < workers_ && now - *no_room_since_ > options_.patience) {
    answer.end.hopeless = true;
    answer.end.why = fmt::format("--workers {}: the concurrency of {} lets only {} start ({}); raise it "
                                 "or take fewer workers", workers_, address_.text(), ready_,
                                 answer.end.why);
  }
}

// True: the request goes out again, now or later. Where there is no room for another environment
// that is up to the lifecycle, for nothing changes within seconds.
bool InvokeLauncher::Impl::send_again(Id id, Start& start, InvokeAnswer& answer) {
  if (!answer.not_started || start.cancelled || finished_) return false;
  if (answer.refresh && !options_.credentials && start.attempt < options_.retry.most_attempts) {
    hold_ = true;
    waiting_.push_back(id);
    refresh_credentials(true);
    return true;
  }
  if (answer.end.hopeless || answer.no_room) return false;
  const auto delay = retries_.next(start.attempt, since_epoch());
  if (!delay) return false;
  start.pause = std::make_unique<asio::steady_timer>(loop_);
  start.pause->expires_after(std::max(*delay, answer.end.retry_after));
  start.pause->async_wait([self = weak_from_this(), id](const boost::system::error_code& failure) {
    const auto launcher = self.lock();
    if (failure || !launcher || !launcher->starts_.contains(id)) return;
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

// In good time before they expire, in a thread, for looking them up may block.
void InvokeLauncher::Impl::refresh_credentials(bool at_once) {
  const auto now = std::chrono::system_clock::now();
  const bool is_due = credentials_.expires && *credentials_.expires - now < kRefreshBefore;
  if (refreshing_ || options_.credentials || finished_ || !(at_once || is_due)) return;
  hold_ = hold_ || (credentials_.expires && *credentials_.expires <= now);
  refreshing_ = true;
  if (refresh_.joinable()) refresh_.join();
  refresh_ = std::thread([self = weak_from_this(), &loop = loop_, environment = options_.environment,
                          work = asio::make_work_guard(loop_)] {
    auto found = std::make_shared<std::optional<Credentials>>();
    auto why = std::make_shared<std::string>();
    try {
      *found = find_credentials(environment);
    } catch (const std::exception& error) {
      *why = error.what();
    }
    asio::post(loop, [self, found, why] {
      const auto launcher = self.lock();
      if (!launcher) return;
      launcher->refreshing_ = false;
      launcher->hold_ = false;
      if (*found) launcher->credentials_ = std::move(**found);
      launcher->not_renewed_ = *why;
      if (!launcher->waiting_.empty()) launcher->pump();
    });
  });
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

void InvokeLauncher::Impl::stop() {
  if (refresh_.joinable()) refresh_.join();
}

InvokeLauncher::InvokeLauncher(asio::io_context& loop, InvokeOptions options)
    : impl_(std::make_shared<Impl>(loop, std::move(options))) {}

InvokeLauncher::~InvokeLauncher() { impl_->stop(); }

void InvokeLauncher::prepare(int workers) { impl_->prepare(workers); }
void InvokeLauncher::start(const Assignment& assignment, Ended ended) {
  impl_->start(assignment, std::move(ended));
}
void InvokeLauncher::worker_ready(WorkerKey key) { impl_->ready(key); }
void InvokeLauncher::cancel(WorkerKey key) { impl_->cancel(key); }
void InvokeLauncher::finish(Time patience) { impl_->finish(patience); }
Time InvokeLauncher::timeout() const { return impl_->timeout(); }
std::optional<FleetCost> InvokeLauncher::cost() const { return impl_->spending().cost(since_epoch()); }
std::optional<std::string> InvokeLauncher::budget_spent() const {
  return impl_->spending().why_stop(since_epoch());
}

}  // namespace laggard
