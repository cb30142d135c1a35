#include "runners/local_lambda/cutting_proxy.hpp"

#include "core/io/error.hpp"
#include "runners/channels/tls/address.hpp"
#include "runners/local_lambda/alarm.hpp"
#include "runners/local_lambda/listener.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/json.hpp>

namespace laggard::local {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using asio::ip::tcp;
using Failure = boost::system::error_code;

}  // namespace

struct CuttingProxy::State : std::enable_shared_from_this<CuttingProxy::State> {
  // Bytes on their way in one direction.
  struct Direction {
    tcp::socket &from, &to;
    std::array<char, 64 << 10> bytes;
  };

  State(asio::io_context& io, const std::string& target_given, Time after_given)
      : acceptor(io),
        worker(io),
        coordinator(io),
        cut(io),
        after(after_given),
        target(parse_endpoint(target_given, "connect")) {}

  void accept() {
    acceptor.async_accept(worker, [self = shared_from_this()](Failure failure) {
      if (failure) return self->close();
      Failure ignored;
      self->acceptor.close(ignored);
      self->cut.set(self->after, [self = self.get()] { self->close(); });
      self->coordinator.async_connect(self->target, [self](Failure error) {
        if (error) return self->close();
        Failure no_matter;
        self->worker.set_option(tcp::no_delay(true), no_matter);
        self->coordinator.set_option(tcp::no_delay(true), no_matter);
        self->forward(self->up);
        self->forward(self->down);
      });
    });
  }

  void forward(Direction& way) {
    way.from.async_read_some(asio::buffer(way.bytes),
                             [self = shared_from_this(), &way](Failure failure, std::size_t count) {
                               if (failure) return self->close();
                               asio::async_write(way.to, asio::buffer(way.bytes, count),
                                                 [self, &way](Failure error, std::size_t) {
                                                   if (error) return self->close();
                                                   self->forward(way);
                                                 });
                             });
  }

  void close() {
    Failure ignored;
    acceptor.close(ignored);
    worker.close(ignored);
    coordinator.close(ignored);
    cut.cancel();
  }

  tcp::acceptor acceptor;
  tcp::socket worker, coordinator;
  Alarm cut;
  Time after;
  tcp::endpoint target;
  std::string address;
  Direction up{worker, coordinator, {}}, down{coordinator, worker, {}};
};

CuttingProxy::CuttingProxy(asio::io_context& io, const std::string& target, Time after)
    : state_(std::make_shared<State>(io, target, after)) {
  open_listener(state_->acceptor, "127.0.0.1:0");
  state_->address = to_text(state_->acceptor.local_endpoint());
  state_->accept();
}

CuttingProxy::~CuttingProxy() { state_->close(); }

std::string CuttingProxy::address() const { return state_->address; }

std::optional<std::string> connect_address(const std::string& payload) {
  Failure failure;
  const json::value value = json::parse(payload, failure);
  if (failure || !value.is_object()) return std::nullopt;
  const json::value* connect = value.as_object().if_contains("connect");
  if (!connect || !connect->is_string()) return std::nullopt;
  std::string text(connect->as_string());
  try {
    parse_endpoint(text, "connect");
  } catch (const Error&) {
    return std::nullopt;
  }
  return text;
}

std::string with_connect_address(const std::string& payload, const std::string& address) {
  json::value value = json::parse(payload);
  value.as_object()["connect"] = address;
  return json::serialize(value);
}

}  // namespace laggard::local
