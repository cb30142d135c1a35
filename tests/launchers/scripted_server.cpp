#include "tests/launchers/scripted_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cctype>

namespace laggard {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

struct ScriptedServer::Impl {
  explicit Impl(Script answers)
      : script(std::move(answers)),
        acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    port = acceptor.local_endpoint().port();
    accept();
    thread = std::thread([this] { loop.run(); });
  }

  ~Impl() {
    loop.stop();
    thread.join();
  }

  struct Exchange {
    explicit Exchange(tcp::socket s) : socket(std::move(s)) {}
    tcp::socket socket;
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::response<http::string_body> response;
  };

  void accept() {
    acceptor.async_accept([this](boost::system::error_code failure, tcp::socket socket) {
      if (failure) return;
      serve(std::make_shared<Exchange>(std::move(socket)));
      accept();
    });
  }

  void serve(const std::shared_ptr<Exchange>& exchange) {
    http::async_read(exchange->socket, exchange->buffer, exchange->request,
                     [this, exchange](boost::system::error_code failure, std::size_t) {
                       if (!failure) answer(exchange);
                     });
  }

  void answer(const std::shared_ptr<Exchange>& exchange) {
    ServedRequest served;
    served.method = std::string(exchange->request.method_string());
    served.target = std::string(exchange->request.target());
    served.body = exchange->request.body();
    for (const auto& field : exchange->request) {
      std::string name(field.name_string());
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      served.headers[name] = std::string(field.value());
    }
    {
      const std::lock_guard lock(mutex);
      requests.push_back(served);
    }
    const ScriptedReply reply = script(served);
    if (reply.hang_up) return;
    if (reply.silent) {
      silent.push_back(exchange);
      return;
    }
    exchange->response.result(static_cast<unsigned>(reply.status));
    for (const auto& [name, value] : reply.headers) exchange->response.set(name, value);
    exchange->response.body() = reply.body;
    exchange->response.prepare_payload();
    exchange->response.keep_alive(false);
    http::async_write(exchange->socket, exchange->response,
                      [exchange](boost::system::error_code, std::size_t) {
                        boost::system::error_code ignored;
                        exchange->socket.shutdown(tcp::socket::shutdown_both, ignored);
                      });
  }

  Script script;
  asio::io_context loop;
  tcp::acceptor acceptor;
  unsigned short port = 0;
  mutable std::mutex mutex;
  std::vector<ServedRequest> requests;
  std::vector<std::shared_ptr<Exchange>> silent;
  std::thread thread;
};

ScriptedServer::ScriptedServer(Script script) : impl_(std::make_unique<Impl>(std::move(script))) {}
ScriptedServer::~ScriptedServer() = default;

std::string ScriptedServer::url() const {
  return "http://127.0.0.1:" + std::to_string(impl_->port);
}

std::vector<ServedRequest> ScriptedServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

int ScriptedServer::count(const std::string& part) const {
  const auto all = requests();
  return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const ServedRequest& request) {
    return request.target.find(part) != std::string::npos;
  }));
}

}  // namespace laggard
