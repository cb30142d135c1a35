// The part of ProcessFleet that listens to its workers.
#include "core/io/error.hpp"
#include "runners/fleets/processes/process_fleet.hpp"

#include "core/results/environment.hpp"
#include "core/wire/shard_data.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <utility>

namespace laggard {
namespace {

constexpr Time kWatch = kHeartbeat / 2;
// How long workers that were told to go may take to hang up.
constexpr Time kPatienceForGoodbyes = std::chrono::seconds(2);
constexpr Time kGoodbyeCheck = std::chrono::milliseconds(10);

bool has_shape(const ReportMessage& report, const ReportShape& shape) {
  return std::equal(
             report.vectors.begin(), report.vectors.end(), shape.vectors.begin(),
             shape.vectors.end(),
             [](const Vector& vector, std::int64_t size) { return vector.size() == size; }) &&
         static_cast<std::int64_t>(report.scalars.size()) == shape.scalars &&
         report.ballast == shape.ballast;
}

void rethrow(const std::exception_ptr& error) {
  if (error) std::rethrow_exception(error);
}

}  // namespace

// Whoever cannot prove its token is told nothing more than that.
std::string ProcessFleet::why_refused(const Connection& connection, const Hello& hello) {
  if (hello.run != run_) return "another run";
  const auto token = tokens_.find({hello.worker, hello.incarnation});
  if (token == tokens_.end()) return "no such token, or it was used";
  const Proof expected = make_proof(token->second, connection.channel(), hello.run, hello.worker,
                                    hello.incarnation, hello.nonce);
  if (!equal(expected, hello.proof)) return "wrong token";
  forget_token({hello.worker, hello.incarnation});
  return {};
}

void ProcessFleet::on_hello(std::shared_ptr<Connection> connection, const Hello& hello) {
  std::string refusal = why_refused(*connection, hello);
  if (!refusal.empty()) return reception_.refuse(connection, std::move(refusal));
  const WorkerKey key{hello.worker, hello.incarnation};
  if (hello.version != version()) {
    InvocationEnd end;
    end.failed = end.hopeless = true;
    end.why = fmt::format(
        "worker {} is of version {}, the coordinator of {}; deploy the worker of this release",
        hello.worker, hello.version, version());
    reception_.refuse(connection, end.why);
    lifecycle_.invocation_ended(now(), key, std::move(end));
    return carry_out_actions();
  }
  const std::optional<std::string> unwelcome =
      lifecycle_.hello(now(), key, hello.remaining, hello.cold);
  if (unwelcome) {
    reception_.refuse(connection, *unwelcome);
  } else {
    launcher_->worker_connected(key);
    welcome(key, std::move(connection));
  }
  carry_out_actions();
}

void ProcessFleet::welcome(WorkerKey key, std::shared_ptr<Connection> connection) {
  Work work = options_.work;
  work.own = options_.placement[static_cast<std::size_t>(key.worker)];
  if (!options_.ranges.empty())
    for (const ShardId shard : work.own)
      work.ranges.push_back(options_.ranges[static_cast<std::size_t>(shard)]);
  Welcome message;
  message.work = to_json(work);
  message.heartbeat = kHeartbeat;
  Bytes frame = connection->buffer();
  encode(message, frame);
  connection->send(std::move(frame));
  auto link = std::make_shared<Link>();
  link->key = key;
  link->connection = std::move(connection);
  link->listened = now();
  links_.insert_or_assign({key.worker, key.incarnation}, link);
  asio::co_spawn(loop_, serve(std::move(link)), rethrow);
}

std::uint64_t ProcessFleet::most_bytes(MessageKind kind, const void* fleet) {
  return most_payload_bytes(kind, static_cast<const ProcessFleet*>(fleet)->limits_, 0);
}

asio::awaitable<void> ProcessFleet::serve(std::shared_ptr<Link> link) {
  Frame frame;
  std::string why;
  while (why.empty()) {
    try {
      co_await link->connection->read(frame, &most_bytes, this);
      handle(*link, frame);
    } catch (const WireError& error) {
      reception_.count("malformed message of a worker");
      why = fmt::format("it sent a malformed message: {}", error.what());
    } catch (const boost::system::system_error& error) {
      why = fmt::format("its connection ended: {}", error.code().message());
    }
  }
  end_link(link, std::move(why));
}

void ProcessFleet::handle(Link& link, Frame& frame) {
  switch (frame.header.kind) {
    case MessageKind::report:
      return on_report(link, frame);
    case MessageKind::heartbeat:
      return;  // that it came is all it says
    case MessageKind::ready:
      link.ready = any_ready_ = true;
      failed_loads_.erase(link.key.worker);
      launcher_->worker_ready(link.key);
      lifecycle_.ready(now(), link.key);
      return carry_out_actions();
    case MessageKind::shard_request: {
      ShardRequest request;
      decode(frame.payload, request);
      return on_shard_request(link, request.shard);
    }
    case MessageKind::leaving: {
      Leaving leaving;
      decode(frame.payload, leaving);
      if (!link.ready &&
          leaving.remaining ==
              Time{}) {  // it has nothing to hand over: it failed to load, and hangs up
        link.last_words = std::move(leaving.why);
        link.failed_to_load = true;
        return;
      }
      lifecycle_.leaving(now(), link.key, leaving.remaining);
      return carry_out_actions();
    }
    default:
      throw WireError(fmt::format("a message of kind {}", static_cast<int>(frame.header.kind)));
  }
}

// A worker sees of the data what it works on.
bool ProcessFleet::may_have(const Link& link, ShardId shard) const {
  const auto& own = options_.placement[static_cast<std::size_t>(link.key.worker)];
  return std::find(own.begin(), own.end(), shard) != own.end() || link.shards_named.contains(shard);
}

void ProcessFleet::on_shard_request(Link& link, ShardId shard) {
  if (!may_have(link, shard) || !link.shards_sent.insert(shard).second)
    throw WireError(fmt::format("a request for shard {}, which is not its own or was sent", shard));
  Bytes frame = link.connection->buffer();
  encode_shard_frame(shard, problem_.shard(shard), frame);
  link.connection->send(std::move(frame));
}

void ProcessFleet::on_report(Link& link, Frame& frame) {
  const Time arrived = now();
  decode(frame, limits_, report_);
  const auto found = tasks_.find(report_.id);
  if (found != tasks_.end()) {
    const Task& task = found->second.task;
    const bool answered = report_.contributes
                              ? has_shape(report_, *task.report)
                              : report_.stopped || report_.not_finite || !report_.failure.empty();
    if (task.shard != report_.shard || !answered)
      throw WireError(fmt::format("a wrong report of task {}", report_.id));
    if (report_.contributes) link.known.reported(report_.shard, report_.id, task.kept);
  }
  const bool begun = report_.compute > Time{};
  if (link.unanswered > 0) --link.unanswered;
  if (begun) ++begun_[static_cast<std::size_t>(link.key.worker)];
  if (!lifecycle_.report(arrived, link.key, report_.id)) return carry_out_actions();  // a ghost's
  LAGGARD_ASSERT(found != tasks_.end(),
                 fmt::format("a report of task {}, which nobody asked for", report_.id));
  const Pending pending = std::move(found->second);
  tasks_.erase(found);
  const Task& task = pending.task;
  Report report;
  report.id = task.id;
  report.worker = task.worker;
  report.shard = task.shard;
  report.failure = report_.failure;
  report.not_finite = report_.not_finite;
  report.arrived = arrived;
  report.idle = report_.idle;
  if (begun) {
    // Clocks do not cross the wire: what is neither computing nor waiting at the worker is the way,
    // half of it down and half of it up.
    const Time out = arrived - pending.sent;
    report.pause = std::min(report_.pause, out);
    const Time busy = report.pause + std::min(report_.compute, out - report.pause);
    report.finished = arrived - std::max(out - busy - report_.queued, Time{}) / 2;
    report.started = report.finished - busy;
  }
  Contribution& out = report.contribution;
  out.passes = report_.passes;
  out.inner_iterations = report_.inner_iterations;
  out.dense_work = report_.dense_work;
  out.capped = report_.capped;
  out.gradient_norm = report_.gradient_norm;
  out.stopped = report_.stopped;
  out.vectors = std::move(report_.vectors);
  out.scalars = std::move(report_.scalars);
  out.ballast = report_.ballast;
  if (!ended_) pending.deliver(std::move(report));
  carry_out_actions();
}

// What several cannot load before any could, or one again and again, none will.
bool ProcessFleet::is_hopeless(WorkerId worker) {
  constexpr int kTries = 3;
  constexpr std::size_t kWorkers = 2;
  if (++failed_loads_[worker] >= kTries) return true;
  const auto all = static_cast<std::size_t>(options_.workers);
  return !any_ready_ && failed_loads_.size() >= std::min(all, kWorkers);
}

void ProcessFleet::end_link(const std::shared_ptr<Link>& link, std::string why) {
  link->connection->close();
  links_.erase({link->key.worker, link->key.incarnation});
  if (link->unanswered > 0) ++begun_[static_cast<std::size_t>(link->key.worker)];
  const bool told = !link->last_words.empty();
  if (told) why = std::move(link->last_words);
  if (told && link->failed_to_load) {
    InvocationEnd end;
    end.failed = true;
    end.hopeless = is_hopeless(link->key.worker);
    end.why = std::move(why);
    lifecycle_.invocation_ended(now(), link->key, std::move(end));
  } else {
    lifecycle_.closed(now(), link->key, std::move(why));
  }
  carry_out_actions();
}

void ProcessFleet::watch() {
  if (const auto spent = launcher_->budget_spent()) tell_end(StopReason::budget, *spent);
  // While the loop itself was held up nobody could be heard.
  const bool held_up = now() - watched_ > 2 * kWatch;
  watched_ = now();
  constexpr Time kSilence = kHeartbeatsMissed * kHeartbeat;
  for (const auto& [name, link] : links_) {
    if (held_up) link->listened = now() - kHeartbeat;
    if (now() - std::max(link->listened, Time(link->connection->heard() - start_)) <= kSilence)
      continue;
    link->last_words = fmt::format("it was silent for {} s", to_seconds(kSilence));
    link->connection->close();
  }
  watch_timer_.expires_after(kWatch);
  watch_timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    tell_trouble();
    watch();
  });
}

void ProcessFleet::tell_trouble() {
  if (!options_.trouble) return;
  if (const std::string trouble = options_.trouble(); !trouble.empty()) tell_notice(trouble);
}

asio::awaitable<void> ProcessFleet::dismiss() {
  tell_trouble();
  reception_.close();
  lifecycle_.finish(now());
  carry_out_actions();
  const Time until = now() + kPatienceForGoodbyes;
  while (!links_.empty() && now() < until) {
    asio::steady_timer pause(loop_, kGoodbyeCheck);
    co_await pause.async_wait(asio::use_awaitable);
  }
  for (const auto& [name, link] : links_) link->connection->close();
}

}  // namespace laggard
