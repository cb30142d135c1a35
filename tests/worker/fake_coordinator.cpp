#include "tests/worker/fake_coordinator.hpp"

#include "core/wire/shard_data.hpp"
#include "tests/support/whole_frames.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <optional>

namespace laggard {
namespace {

constexpr auto kPatience = std::chrono::seconds(20);

std::uint64_t anything(MessageKind, const void*) { return 1 << 30; }

asio::awaitable<void> accept_one(asio::ip::tcp::acceptor& acceptor,
                                 std::shared_ptr<asio::ssl::context> tls,
                                 std::shared_ptr<Connection>& out) {
  asio::ip::tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
  out = std::make_shared<Connection>(std::move(socket), tls);
  co_await out->accept();
}

}  // namespace

void drive(asio::io_context& loop, asio::awaitable<void> waits) {
  std::exception_ptr failure;
  bool done = false;
  asio::co_spawn(loop, std::move(waits), [&](std::exception_ptr error) {
    failure = error;
    done = true;
  });
  const auto end = std::chrono::steady_clock::now() + kPatience;
  loop.restart();
  while (!done && loop.run_one_until(end) > 0) {
  }
  if (!done) throw std::runtime_error("the worker keeps the coordinator waiting");
  if (failure) std::rethrow_exception(failure);
}

Frame Peer::next() {
  Frame frame;
  do {
    drive(loop_, connection_->read(frame, anything, nullptr));
    if (frame.header.kind == MessageKind::heartbeat) ++heartbeats;
  } while (frame.header.kind == MessageKind::heartbeat);
  return frame;
}

void Peer::hear(int count) {
  for (Frame frame; count > 0; --count) {
    drive(loop_, connection_->read(frame, anything, nullptr));
    if (frame.header.kind != MessageKind::heartbeat)
      throw std::runtime_error("message " + std::to_string(static_cast<int>(frame.header.kind)));
  }
}

ReportMessage Peer::report() {
  Frame frame = next();
  if (frame.header.kind != MessageKind::report)
    throw std::runtime_error("message " + std::to_string(static_cast<int>(frame.header.kind)));
  ReportMessage report;
  decode(frame, limits_, report);
  return report;
}

bool Peer::closed() {
  try {
    next();
  } catch (const boost::system::system_error&) {
    return true;
  }
  throw std::runtime_error("a message where the end was expected");
}

void Peer::send(Bytes frame) {
  connection_->send(std::move(frame));
  loop_.restart();
  while (connection_->queued_bytes() > 0 && loop_.run_one() > 0) {
  }
}

void Peer::goodbye() {
  Bytes frame;
  encode(MessageKind::goodbye, frame);
  send(std::move(frame));
}

void Peer::task(const Task& task, bool with_operands) {
  Task of_the_run = task;
  of_the_run.precision = limits_.precision;
  Bytes frame;
  encode(of_the_run, with_operands ? ~0u : 0, begun_before, frame);
  send(std::move(frame));
}

FakeCoordinator::FakeCoordinator()
    : acceptor(loop, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

Assignment FakeCoordinator::assignment(WorkerId worker, int incarnation) {
  Assignment out;
  out.run = random_run_id();
  out.worker = worker;
  out.incarnation = incarnation;
  out.connect = "127.0.0.1:" + std::to_string(acceptor.local_endpoint().port());
  out.token = random_token();
  out.pin = certificate.pin;
  return out;
}

Peer FakeCoordinator::meet(const Work& work) {
  std::shared_ptr<Connection> connection;
  drive(loop, accept_one(acceptor, certificate.context, connection));
  Peer peer(loop, connection, work);
  peer.hello = peer.expect<Hello>(MessageKind::hello);
  return peer;
}

Peer FakeCoordinator::welcome(const Work& work, const Problem& whole, Time heartbeat) {
  Peer peer = meet(work);
  Welcome message;
  message.work = to_json(work);
  message.heartbeat = heartbeat;
  peer.say(message);
  while (true) {
    const Frame frame = peer.next();
    if (frame.header.kind == MessageKind::ready) return peer;
    if (frame.header.kind != MessageKind::shard_request)
      throw std::runtime_error("message " + std::to_string(static_cast<int>(frame.header.kind)));
    ShardRequest request;
    decode(frame.payload, request);
    Bytes answer;
    encode_shard_frame(request.shard, whole.shard(request.shard), answer);
    peer.send(std::move(answer));
  }
}

}  // namespace laggard
