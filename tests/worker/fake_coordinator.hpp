// The coordinator's end of the wire, step by step. Everything runs in the test's thread, while it
// waits.
#pragma once

#include "core/problem/problem.hpp"
#include "core/wire/assignment.hpp"
#include "core/wire/work.hpp"
#include "runners/channels/tls/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

namespace laggard {

// A worker that has dialled in.
class Peer {
 public:
  Peer(asio::io_context& loop, std::shared_ptr<Connection> connection, const Work& work)
      : loop_(loop),
        connection_(std::move(connection)),
        limits_{work.features + 1, work.shards, work.precision} {}

  // The next frame but heartbeats, which are counted. Throws std::runtime_error when the connection
  // ends, or after 20 s.
  Frame next();
  // The next message, which has to be of this kind.
  template <class Message>
  Message expect(MessageKind kind) {
    const Frame frame = next();
    if (frame.header.kind != kind)
      throw std::runtime_error("message " + std::to_string(static_cast<int>(frame.header.kind)));
    Message message;
    decode(frame.payload, message);
    return message;
  }
  // Returns once so many heartbeats have come, and nothing else.
  void hear(int heartbeats);
  ReportMessage report();
  // True once the worker has closed the connection; throws on any message but heartbeats.
  bool closed();

  void send(Bytes frame);
  template <class Message>
  void say(const Message& message) {
    Bytes frame;
    encode(message, frame);
    send(std::move(frame));
  }
  void goodbye();
  // With all its operands, or none.
  void task(const Task& task, bool with_operands);
  void close() { connection_->close(); }

  Hello hello;
  int heartbeats = 0;
  std::int64_t begun_before = 0;  // as its tasks tell

  asio::io_context& loop_;
  std::shared_ptr<Connection> connection_;
  Limits limits_;
};

class FakeCoordinator {
 public:
  FakeCoordinator();

  Assignment assignment(WorkerId worker = 0, int incarnation = 1);
  // The next worker that dials in, once it has said hello.
  Peer meet(const Work& work);
  // And is welcome, has got the shards that it asked for, and is ready.
  Peer welcome(const Work& work, const Problem& whole, Time heartbeat = std::chrono::seconds(1));

  RunCertificate certificate = make_run_certificate();
  asio::io_context loop{1};
  asio::ip::tcp::acceptor acceptor;
};

// Runs the loop until `waits` is done; throws after 20 s or what it throws.
void drive(asio::io_context& loop, asio::awaitable<void> waits);

}  // namespace laggard
