#include "runners/worker/conversation.hpp"

#include "core/io/error.hpp"
#include "core/wire/shard_data.hpp"
#include "laggard/version.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/channels/tls/connection.hpp"
#include "runners/worker/engine.hpp"

#include <fmt/format.h>
#include <malloc.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <csignal>
#include <exception>
#include <optional>

namespace laggard {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kMargin =
    std::chrono::milliseconds(300);  // an invocation ends so long before its end
constexpr auto kPartingTime =
    std::chrono::milliseconds(200);  // of that, for what is still to be sent
constexpr auto kShortestHeartbeat = std::chrono::milliseconds(10);

// What the coordinator may send; context of Connection::read.
struct Bounds {
  Limits limits;
  std::uint64_t shard_bytes = 0;
};

std::uint64_t most_bytes(MessageKind kind, const void* context) {
  const auto& bounds = *static_cast<const Bounds*>(context);
  return most_payload_bytes(kind, bounds.limits, bounds.shard_bytes);
}

// The most that a shard of dense rows takes.
std::uint64_t most_shard_bytes(const Work& work) {
  const std::int64_t rows = (work.samples + work.shards - 1) / work.shards;
  const double dense = static_cast<double>(rows) * work.features;
  constexpr double kAbsurd = 0x1p40;
  return encoded_shard_bytes(rows, static_cast<std::int64_t>(std::min(dense, kAbsurd)));
}

class Conversation {
 public:
  Conversation(Assignment assignment, const InvocationContext& context)
      : assignment_(std::move(assignment)), context_(context), end_(context.end) {}
  ~Conversation() { wipe(assignment_.token); }

  ConversationSummary run();

 private:
  asio::awaitable<void> talk();
  asio::awaitable<void> dial();
  asio::awaitable<void> introduce();
  asio::awaitable<void> serve();
  bool handle(Frame& frame);
  void start(const Welcome& welcome);
  Engine::Events events();
  void beat();
  void watch_deadline();
  void watch_signals();
  void end(std::string why);
  Time remaining() const;
  template <class Message>
  void send(const Message& message) {
    Bytes frame = connection_->buffer();
    encode(message, frame);
    connection_->send(std::move(frame));
  }

  Assignment assignment_;
  const InvocationContext& context_;
  Clock::time_point end_;
  asio::io_context loop_{1};
  asio::steady_timer patience_{loop_}, heartbeat_{loop_}, deadline_{loop_};
  asio::signal_set signals_{loop_};
  std::shared_ptr<Connection> connection_;
  std::unique_ptr<Engine> engine_;  // ends before the loop that it posts to
  Bounds bounds_;
  Precision precision_ = Precision::f64;
  Time period_{};
  Frame frame_;
  ConversationSummary summary_;
  std::exception_ptr failure_;               // of talk()
  std::optional<ConversationError> broken_;  // of the engine
};

ConversationSummary Conversation::run() {
  asio::co_spawn(loop_, talk(), [this](std::exception_ptr error) {
    failure_ = error;
    if (connection_) connection_->close();
    loop_.stop();  // a timer that has expired already cannot be cancelled, and would be set anew
  });
  loop_.run();
  engine_.reset();
  if (broken_) throw *broken_;
  // Where this side ended it, what the conversation broke off with is no news.
  if (failure_ && summary_.ended.empty()) std::rethrow_exception(failure_);
  return summary_;
}

asio::awaitable<void> Conversation::talk() {
  watch_deadline();
  watch_signals();
  patience_.expires_after(assignment_.connect_timeout);
  patience_.async_wait([this](boost::system::error_code error) {
    if (!error && connection_) connection_->close();
  });
  co_await dial();
  co_await introduce();
  patience_.cancel();
  try {
    co_await serve();
  } catch (const WireError& error) {
    throw ConversationError("Laggard.Protocol",
                            fmt::format("the coordinator at {} broke the format: {}",
                                        assignment_.connect, error.what()));
  } catch (const boost::system::system_error&) {
    if (summary_.ended.empty()) summary_.ended = "disconnected";
  }
}

asio::awaitable<void> Conversation::dial() {
  const auto endpoint = parse_endpoint(assignment_.connect, "connect");
  const bool plain = assignment_.pin.empty();
  if (plain && !endpoint.address().is_loopback())
    throw ConversationError(
        "Laggard.Unreachable",
        fmt::format("the coordinator at {} is not on loopback; expected a pin for TLS",
                    assignment_.connect));
  std::shared_ptr<asio::ssl::context> context;
  if (!plain) context = pinned_context(assignment_.pin);
  connection_ = std::make_shared<Connection>(asio::ip::tcp::socket(loop_), context);
  boost::system::error_code failed;
  try {
    co_await connection_->connect(endpoint);
  } catch (const boost::system::system_error& error) {
    failed = error.code();
  }
  if (!failed) co_return;
  if (failed.category() == asio::error::get_ssl_category())
    throw ConversationError("Laggard.WrongCertificate",
                            fmt::format("whoever answers at {} is not this run's coordinator: {}",
                                        assignment_.connect, failed.message()));
  const std::string why =
      failed == asio::error::operation_aborted
          ? fmt::format("no answer within {} s", to_seconds(assignment_.connect_timeout))
          : failed.message();
  throw ConversationError(
      "Laggard.Unreachable",
      fmt::format(
          "cannot reach the coordinator at {}: {}; expected the address that it advertises to be "
          "open to this worker",
          assignment_.connect, why));
}

asio::awaitable<void> Conversation::introduce() {
  Hello hello;
  hello.run = assignment_.run;
  hello.worker = assignment_.worker;
  hello.incarnation = assignment_.incarnation;
  hello.nonce = random_nonce();
  hello.proof = make_proof(assignment_.token, connection_->channel(), hello.run, hello.worker,
                           hello.incarnation, hello.nonce);
  wipe(assignment_.token);
  hello.remaining = remaining();
  hello.cold = context_.cold;
  hello.version = LAGGARD_VERSION;
  send(hello);
  std::string why;
  try {
    co_await connection_->read(frame_, most_bytes, &bounds_);
  } catch (const boost::system::system_error& error) {
    why = error.code().message();
  } catch (const WireError& error) {
    why = error.what();
  }
  if (!why.empty())
    throw ConversationError(
        "Laggard.Unreachable",
        fmt::format("the coordinator at {} did not say welcome: {}", assignment_.connect, why));
}

asio::awaitable<void> Conversation::serve() {
  while (handle(frame_)) {
    if (frame_.header.kind == MessageKind::shard)
      Bytes().swap(frame_.payload);  // larger than all that follows
    co_await connection_->read(frame_, most_bytes, &bounds_);
  }
  co_await connection_->shut_down();
}

// False: that was the last.
bool Conversation::handle(Frame& frame) {
  const MessageKind kind = frame.header.kind;
  if (!engine_) {
    if (kind == MessageKind::reject) {
      Reject reject;
      decode(frame.payload, reject);
      throw ConversationError("Laggard.Rejected",
                              "the coordinator refused this worker: " + reject.reason);
    }
    if (kind != MessageKind::welcome) throw WireError("expected welcome or reject");
    Welcome welcome;
    decode(frame.payload, welcome);
    start(welcome);
    return true;
  }
  if (kind == MessageKind::task) {
    TaskMessage task;
    decode(frame, bounds_.limits, task);
    engine_->submit(std::move(task));
  } else if (kind == MessageKind::revoke) {
    RevokeMessage revoke;
    decode(frame.payload, revoke);
    engine_->revoke(revoke.id);
  } else if (kind == MessageKind::shard) {
    const ByteSpan rows = rows_of_frame(frame.payload);
    engine_->supply(shard_of_frame(frame.payload), Bytes(rows.begin(), rows.end()));
  } else if (kind == MessageKind::goodbye) {
    if (summary_.ended.empty()) summary_.ended = "goodbye";
    return false;
  } else {
    throw WireError(fmt::format("message {} is not for workers", static_cast<int>(kind)));
  }
  return true;
}

void Conversation::start(const Welcome& welcome) {
  Work work = parse_work(welcome.work);
  bounds_.limits = {work.most_numbers_down, work.shards, work.precision};
  bounds_.shard_bytes = most_shard_bytes(work);
  precision_ = work.precision;
  period_ = std::max<Time>(welcome.heartbeat, kShortestHeartbeat);
  try {
    const WorkerKey key{assignment_.worker, assignment_.incarnation};
    engine_ = std::make_unique<Engine>(std::move(work), key, context_.ca_file, events());
  } catch (const Error& error) {
    throw ConversationError("Laggard.Work", error.what());
  }
  beat();
}

// They come from the engine's thread, and are passed on in the loop's; a report may be there
// already.
Engine::Events Conversation::events() {
  Engine::Events events;
  events.ready = [this] { asio::post(loop_, [this] { send(MessageKind::ready); }); };
  events.report = [this](ReportMessage report) {
    asio::dispatch(loop_, [this, report = std::move(report)]() mutable {
      ++summary_.tasks;
      Bytes frame = connection_->buffer();
      SharedTail tail = encode(std::move(report), precision_, frame);
      connection_->send(std::move(frame), std::move(tail));
    });
  };
  events.ask = [this](ShardId shard) {
    asio::post(loop_, [this, shard] { send(ShardRequest{shard}); });
  };
  events.failed = [this](const std::string& why) {
    asio::post(loop_, [this, why] {
      broken_.emplace("Laggard.Work", why);
      send(Leaving{Time::zero(), why});
      end("failed");
    });
  };
  return events;
}

void Conversation::beat() {
  heartbeat_.expires_after(period_);
  heartbeat_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    send(MessageKind::heartbeat);
    beat();
  });
}

void Conversation::watch_deadline() {
  if (end_ == Clock::time_point::max()) return;
  deadline_.expires_at(end_ - kMargin);
  deadline_.async_wait([this](boost::system::error_code error) {
    if (!error) end(summary_.terminated ? "terminated" : "deadline");
  });
}

// What was promised is still served, until the coordinator has a successor and says goodbye, or the
// time is up.
void Conversation::watch_signals() {
  signals_.add(SIGTERM);
  signals_.async_wait([this](boost::system::error_code error, int) {
    if (error) return;
    summary_.terminated = true;
    end_ = std::min(end_, Clock::now() + context_.grace);
    watch_deadline();
    if (engine_)
      send(Leaving{remaining(), "SIGTERM"});
    else
      end("terminated");
  });
}

// Ends the conversation from this side.
void Conversation::end(std::string why) {
  if (!summary_.ended.empty()) return;
  summary_.ended = std::move(why);
  if (!engine_) {
    if (connection_) connection_->close();
    return;
  }
  patience_.expires_after(kPartingTime);
  patience_.async_wait([this](boost::system::error_code error) {
    if (!error) connection_->close();
  });
  asio::co_spawn(loop_, connection_->shut_down(), [this](std::exception_ptr) {
    // However it went, talk() notices the end of the connection.
    connection_->close();
  });
}

Time Conversation::remaining() const {
  if (end_ == Clock::time_point::max()) return kForever;
  return std::max<Time>(end_ - kMargin - Clock::now(), Time::zero());
}

}  // namespace

ConversationSummary converse(Assignment assignment, const InvocationContext& context) {
  ConversationSummary summary;
  try {
    Conversation one(std::move(assignment), context);
    summary = one.run();
  } catch (const Error& error) {
    malloc_trim(0);
    throw ConversationError("Laggard.BadAssignment", error.what());
  }
  malloc_trim(0);
  return summary;
}

}  // namespace laggard
