#include "runners/channels/tls/connection.hpp"

#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "tests/support/whole_frames.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace laggard {
namespace {

using asio::ip::tcp;
using boost::system::system_error;
using ConnectionPtr = std::shared_ptr<Connection>;

constexpr std::uint64_t kMost = 16 << 20;
std::uint64_t most(MessageKind, const void*) { return kMost; }
std::uint64_t at_most_hundred(MessageKind kind, const void* context) {
  EXPECT_EQ(context, nullptr);
  return kind == MessageKind::reject ? 100 : 0;
}

Bytes reject(std::size_t size) {
  Bytes out;
  encode(Reject{std::string(size, 'x')}, out);
  return out;
}

std::string reason(const Frame& frame) {
  Reject message;
  decode(frame.payload, message);
  return message.reason;
}

// With its tail.
Bytes payload(const Frame& frame) {
  Bytes out = frame.payload;
  const ByteSpan tail =
      std::as_bytes(std::span(frame.tail.data(), frame.tail.data() + frame.tail.size()));
  out.insert(out.end(), tail.begin(), tail.end());
  return out;
}

// A frame of `size` bytes of payload and any content, as a shard is.
Bytes big(std::size_t size, int seed) {
  Task task;
  Vector z(static_cast<Eigen::Index>(size / 8));
  for (Eigen::Index i = 0; i < z.size(); ++i) z[i] = static_cast<double>(i % 1000 + seed);
  task.z = std::make_shared<const Vector>(std::move(z));
  Bytes out;
  encode(task, 0, 0, out);
  return out;
}

// Two ends of one loopback connection, each run by a coroutine of the test.
class Pair : public testing::Test {
 protected:
  Pair() : acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {}

  // `server` null: plain. Both handshakes are started; run() completes them.
  void dial(std::shared_ptr<asio::ssl::context> server,
            std::shared_ptr<asio::ssl::context> client) {
    client_ = std::make_shared<Connection>(tcp::socket(loop_), std::move(client));
    start(client_->connect(acceptor_.local_endpoint()), client_error_);
    start(take(std::move(server)), server_error_);
    run();
  }
  void dial_tls() {
    const RunCertificate certificate = make_run_certificate();
    dial(certificate.context, pinned_context(certificate.pin));
    ASSERT_FALSE(server_error_) << "the server's handshake";
    ASSERT_FALSE(client_error_) << "the client's handshake";
  }

  asio::awaitable<void> take(std::shared_ptr<asio::ssl::context> context) {
    tcp::socket socket = co_await acceptor_.async_accept(asio::use_awaitable);
    server_ = std::make_shared<Connection>(std::move(socket), context);
    co_await server_->accept();
  }

  void start(asio::awaitable<void> work, std::exception_ptr& error) {
    asio::co_spawn(loop_, std::move(work), [&error](std::exception_ptr thrown) { error = thrown; });
  }
  void run() {
    loop_.restart();
    loop_.run_for(std::chrono::seconds(20));
    ASSERT_TRUE(loop_.stopped()) << "still waiting";
  }
  // Runs `work` alone to its end, and rethrows.
  void run(asio::awaitable<void> work) {
    std::exception_ptr error;
    start(std::move(work), error);
    run();
    if (error) std::rethrow_exception(error);
  }

  static asio::awaitable<void> read_into(ConnectionPtr connection, Frame& frame) {
    co_await connection->read(frame, most, nullptr);
  }

  asio::io_context loop_{1};
  tcp::acceptor acceptor_;
  ConnectionPtr server_, client_;
  std::exception_ptr server_error_, client_error_;
};

template <class Kind>
std::string what(const std::exception_ptr& error) {
  if (!error) return "no error";
  try {
    std::rethrow_exception(error);
  } catch (const Kind& e) {
    return e.what();
  } catch (const std::exception& e) {
    return std::string("another kind of error: ") + e.what();
  }
}

boost::system::error_code code(const std::exception_ptr& error) {
  try {
    if (error) std::rethrow_exception(error);
  } catch (const system_error& e) {
    return e.code();
  }
  return {};
}

TEST_F(Pair, FramesArriveInOrderBothWaysOverTls) {
  dial_tls();
  for (int i = 1; i <= 3; ++i) {
    client_->send(reject(static_cast<std::size_t>(i)));
    server_->send(reject(static_cast<std::size_t>(10 * i)));
  }
  Frame frame;
  for (std::size_t i = 1; i <= 3; ++i) {
    run(read_into(server_, frame));
    EXPECT_EQ(reason(frame), std::string(i, 'x'));
    run(read_into(client_, frame));
    EXPECT_EQ(reason(frame), std::string(10 * i, 'x'));
  }
  EXPECT_EQ(client_->queued_bytes(), 0u);
  EXPECT_THAT(server_->peer(), testing::StartsWith("127.0.0.1:"));
}

TEST_F(Pair, PlainTcpWorksToo) {
  dial(nullptr, nullptr);
  ASSERT_FALSE(server_error_ || client_error_);
  EXPECT_TRUE(client_->channel().empty());
  client_->send(reject(5));
  Bytes goodbye;
  encode(MessageKind::goodbye, goodbye);
  client_->send(goodbye);
  Frame frame;
  run(read_into(server_, frame));
  EXPECT_EQ(reason(frame), "xxxxx");
  run(read_into(server_, frame));
  EXPECT_EQ(frame.header.kind, MessageKind::goodbye);
  EXPECT_TRUE(frame.payload.empty());
}

TEST_F(Pair, BothEndsHaveTheSameChannelAndEveryConnectionAnother) {
  dial_tls();
  const Bytes first = client_->channel();
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(first, server_->channel());
  dial_tls();
  EXPECT_EQ(client_->channel(), server_->channel());
  EXPECT_NE(client_->channel(), first);
}

TEST_F(Pair, AnotherCertificateThanThePinnedIsRefused) {
  const RunCertificate ours = make_run_certificate(), other = make_run_certificate();
  EXPECT_NE(ours.pin, other.pin);
  dial(other.context, pinned_context(ours.pin));
  EXPECT_THAT(what<system_error>(client_error_), testing::HasSubstr("certificate verify failed"));
  EXPECT_TRUE(server_error_);
}

// The pin that OpenSSL's own tools would give.
TEST_F(Pair, ThePinIsOfTheCertificateThatIsShown) {
  const RunCertificate certificate = make_run_certificate();
  Bytes shown(32);
  unsigned size = 0;
  X509_digest(SSL_CTX_get0_certificate(certificate.context->native_handle()), EVP_sha256(),
              reinterpret_cast<unsigned char*>(shown.data()), &size);
  EXPECT_EQ(to_hex(shown), certificate.pin);
}

asio::awaitable<void> shake_raw(std::shared_ptr<asio::ssl::stream<tcp::socket>> stream,
                                tcp::endpoint end) {
  co_await stream->lowest_layer().async_connect(end, asio::use_awaitable);
  co_await stream->async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
}

TEST_F(Pair, OnlyTls13IsSpoken) {
  const RunCertificate certificate = make_run_certificate();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    SSL_CTX_set_max_proto_version(context.native_handle(), version);
    auto stream = std::make_shared<asio::ssl::stream<tcp::socket>>(loop_, context);
    start(shake_raw(stream, acceptor_.local_endpoint()), client_error_);
    start(take(certificate.context), server_error_);
    run();
    EXPECT_EQ(!client_error_, version == TLS1_3_VERSION);
    EXPECT_EQ(!server_error_, version == TLS1_3_VERSION);
    if (version != TLS1_3_VERSION) continue;
    EXPECT_STREQ(SSL_get_version(stream->native_handle()), "TLSv1.3");
  }
}

TEST_F(Pair, GarbageInPlaceOfAHandshakeIsRefused) {
  const RunCertificate certificate = make_run_certificate();
  tcp::socket socket(loop_);
  socket.connect(acceptor_.local_endpoint());
  const std::string text = "GET / HTTP/1.1\r\nHost: scan\r\n\r\n";
  asio::write(socket, asio::buffer(text));
  start(take(certificate.context), server_error_);
  run();
  EXPECT_THAT(what<system_error>(server_error_), testing::Not(testing::HasSubstr("another kind")));
  EXPECT_TRUE(server_error_);
}

TEST_F(Pair, AHandshakeThatNeverEndsIsEndedByClose) {
  const RunCertificate certificate = make_run_certificate();
  tcp::socket silent(loop_);
  silent.connect(acceptor_.local_endpoint());
  start(take(certificate.context), server_error_);
  while (!server_) loop_.run_one();
  loop_.poll();
  server_->close();
  run();
  EXPECT_EQ(code(server_error_), asio::error::operation_aborted);
}

TEST_F(Pair, AFrameTooLargeIsRefusedBeforeItIsAllocated) {
  dial_tls();
  client_->send(reject(97));  // with its length, 101 bytes
  Frame frame;
  std::exception_ptr error;
  start(server_->read(frame, at_most_hundred, nullptr), error);
  run();
  EXPECT_EQ(what<WireError>(error), "a frame of kind 3 and 101 bytes; expected at most 100");
  EXPECT_EQ(frame.payload.capacity(), 0u);
}

TEST_F(Pair, ACorruptFrameIsRefused) {
  for (const auto& [at, expected] :
       {std::pair<std::size_t, const char*>{0, "not a frame of Laggard"},
        {kFrameHeaderBytes + 6, "a frame whose checksum is wrong"}}) {
    dial_tls();
    Bytes bad = reject(50);
    bad[at] ^= std::byte{4};
    client_->send(bad);
    Frame frame;
    std::exception_ptr error;
    start(read_into(server_, frame), error);
    run();
    EXPECT_EQ(what<WireError>(error), expected);
  }
}

TEST_F(Pair, BigFramesCrossBothWaysAtOnce) {
  for (const bool tls : {true, false}) {
    if (tls)
      dial_tls();
    else
      dial(nullptr, nullptr);
    const Bytes up = big(10 << 20, 1), down = big(10 << 20, 2);
    Frame at_server, at_client;
    std::exception_ptr server_error, client_error;
    client_->send(up);
    server_->send(down);
    client_->send(reject(3));
    EXPECT_EQ(client_->queued_bytes(), up.size() + reject(3).size());
    start(read_into(server_, at_server), server_error);
    start(read_into(client_, at_client), client_error);
    run();
    ASSERT_FALSE(server_error || client_error);
    EXPECT_EQ(payload(at_server), Bytes(up.begin() + kFrameHeaderBytes, up.end()));
    EXPECT_EQ(payload(at_client), Bytes(down.begin() + kFrameHeaderBytes, down.end()));
    run(read_into(server_, at_server));
    EXPECT_EQ(reason(at_server), "xxx");
  }
}

// One tail ends the frames of two connections.
TEST_F(Pair, ATailIsSharedAndArrivesApart) {
  for (const bool tls : {true, false}) {
    if (tls)
      dial_tls();
    else
      dial(nullptr, nullptr);
    for (const Precision precision : {Precision::f64, Precision::f32}) {
      Task task;
      task.precision = precision;
      task.z = std::make_shared<const Vector>(Vector::LinSpaced(100'001, 1, 100'001));
      const SharedTail tail = make_tail(task.z, precision);
      Bytes head, again;
      encode(task, 0, 0, *tail, head);
      again = head;
      client_->send(std::move(head), tail);
      client_->send(std::move(again), tail);
      for (int i = 0; i < 2; ++i) {
        Frame frame;
        TaskMessage message;
        run(read_into(server_, frame));
        decode(frame, {100'001, 1, precision}, message);
        EXPECT_EQ(message.z, *task.z);
      }
      EXPECT_EQ(client_->queued_bytes(), 0u);
    }
  }
}

// What is read with a frame that was taken for another is not lost.
TEST_F(Pair, FramesOfAllSizesArriveWhateverCameBefore) {
  dial(nullptr, nullptr);
  const std::vector<int> sizes = {1000, 0, 1000, 3, 0, 0, 2000, 2000, 0, 1, 5000, 1000, 1000};
  const auto numbers = [](int size) { return Vector::LinSpaced(size, size, 2 * size).eval(); };
  for (int pass = 0; pass < 3; ++pass) {
    for (const int size : sizes) {  // 0: a message without numbers
      Bytes frame = reject(50);
      if (size == 0) {
        client_->send(std::move(frame));
        continue;
      }
      Task task;
      task.scalars.assign(static_cast<std::size_t>(size % 3), 1.0);
      task.z = std::make_shared<const Vector>(numbers(size));
      const SharedTail tail = make_tail(task.z, Precision::f64);
      frame.clear();
      encode(task, 0, 0, *tail, frame);
      client_->send(std::move(frame), tail);
    }
    Frame frame;
    for (const int size : sizes) {
      run(read_into(server_, frame));
      if (size == 0) {
        EXPECT_EQ(reason(frame), std::string(50, 'x'));
        continue;
      }
      TaskMessage message;
      decode(frame, {5000, 1, Precision::f64}, message);
      EXPECT_EQ(message.z, numbers(size));
    }
  }
}

TEST_F(Pair, APeerThatSendsWithoutAPauseLeavesOthersTheirTurn) {
  dial(nullptr, nullptr);
  for (int i = 0; i < 2000; ++i) client_->send(reject(10));
  int read = 0, read_before_others = -1;
  const auto reader = [&](Frame frame) -> asio::awaitable<void> {
    for (; read < 2000; ++read) co_await server_->read(frame, most, nullptr);
  };
  asio::post(loop_, [&] { asio::post(loop_, [&] { read_before_others = read; }); });
  run(reader(Frame()));
  EXPECT_TRUE(read_before_others > 0 && read_before_others < 100) << read_before_others;
}

// Half a frame now, the rest never: bytes are heard although no frame has come.
TEST_F(Pair, PartsOfAFrameAreHeard) {
  dial(nullptr, nullptr);
  Frame frame;
  start(read_into(server_, frame), server_error_);
  loop_.restart();
  loop_.poll();
  const auto before = server_->heard();
  Bytes half = big(1 << 20, 0);
  half.resize(half.size() / 2);
  client_->send(std::move(half));
  loop_.restart();
  while (server_->heard() == before && loop_.run_one_for(std::chrono::seconds(5)) > 0) {
  }
  EXPECT_GT(server_->heard(), before);
  EXPECT_FALSE(server_error_);
  server_->close();
  client_->close();
  run();
}

TEST_F(Pair, CloseEndsAPendingReadAndWhatIsCalledAfterwards) {
  dial_tls();
  Frame frame;
  std::exception_ptr error;
  start(read_into(server_, frame), error);
  loop_.restart();
  loop_.poll();
  server_->close();
  run();
  EXPECT_EQ(code(error), asio::error::operation_aborted);
  server_->close();
  server_->send(reject(1));
  EXPECT_EQ(server_->queued_bytes(), 0u);
  EXPECT_THROW(run(read_into(server_, frame)), system_error);
  EXPECT_THROW(run(read_into(client_, frame)), system_error) << "the peer's end of it";
}

TEST_F(Pair, CloseWithFramesUnderWayDropsThem) {
  dial_tls();
  for (int i = 0; i < 20; ++i) client_->send(big(8 << 20, i));  // more than sockets hold
  loop_.restart();
  loop_.poll();
  EXPECT_GT(client_->queued_bytes(), 0u);
  client_->close();
  run();
  EXPECT_EQ(client_->queued_bytes(), 0u);
}

TEST_F(Pair, LettingGoCloses) {
  dial_tls();
  server_->send(big(8 << 20, 1));
  server_.reset();
  Frame frame;
  EXPECT_THROW(run(read_into(client_, frame)), system_error);
}

asio::awaitable<void> read_to_the_end(ConnectionPtr connection, int& frames) {
  Frame frame;
  try {
    while (true) {
      co_await connection->read(frame, most, nullptr);
      ++frames;
    }
  } catch (const system_error&) {
    connection->close();
  }
}

TEST_F(Pair, ShuttingDownSendsWhatIsQueuedEvenWithUnreadFramesAtThisEnd) {
  for (const bool tls : {true, false}) {
    if (tls)
      dial_tls();
    else
      dial(nullptr, nullptr);
    client_->send(reject(50));  // which the server never reads
    for (int i = 0; i < 5; ++i) server_->send(big(1 << 20, i));
    int frames = 0;
    std::exception_ptr reading, leaving;
    start(read_to_the_end(client_, frames), reading);
    start(server_->shut_down(), leaving);
    run();
    EXPECT_FALSE(reading || leaving);
    EXPECT_EQ(frames, 5);
  }
}

TEST_F(Pair, ShuttingDownDoesNotWaitForAPeerThatDoesNotRead) {
  dial_tls();
  for (int i = 0; i < 20; ++i) server_->send(big(8 << 20, i));
  std::exception_ptr error;
  start(server_->shut_down(), error);
  run();  // ends: after a second
  EXPECT_FALSE(error);
  EXPECT_EQ(server_->queued_bytes(), 0u);
}

TEST_F(Pair, AReadGoesOnWhileShuttingDown) {
  dial_tls();
  int frames = 0, none = 0;
  std::exception_ptr reading, leaving, peer;
  start(read_to_the_end(server_, frames), reading);
  start(server_->shut_down(), leaving);
  client_->send(reject(1));
  client_->send(reject(2));
  start(read_to_the_end(client_, none), peer);
  run();
  EXPECT_FALSE(reading || leaving || peer);
  EXPECT_EQ(frames, 2);
}

TEST_F(Pair, SentBuffersComeBackForTheNextFrame) {
  dial_tls();
  Bytes frame = reject(1000);
  const std::byte* memory = frame.data();
  client_->send(std::move(frame));
  Frame got;
  run(read_into(server_, got));
  Bytes again = client_->buffer();
  EXPECT_TRUE(again.empty());
  EXPECT_EQ(again.data(), memory);
}

TEST_F(Pair, ConnectingToNobodyIsAnError) {
  const tcp::endpoint nobody = acceptor_.local_endpoint();
  acceptor_.close();
  auto connection = std::make_shared<Connection>(tcp::socket(loop_), nullptr);
  EXPECT_THROW(run(connection->connect(nobody)), system_error);
}

}  // namespace
}  // namespace laggard
