#include "tests/worker/http_server.hpp"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <mutex>
#include <stdexcept>
#include <thread>
#include <vector>

namespace laggard {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

HttpResponse http_answer(unsigned status, std::string body) {
  HttpResponse response{static_cast<http::status>(status), 11};
  response.body() = std::move(body);
  return response;
}

struct HttpServer::Impl {
  Handler handler;
  std::shared_ptr<asio::ssl::context> tls;
  asio::io_context loop;
  tcp::acceptor acceptor{loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::mutex mutex;
  bool closing = false;
  std::vector<std::shared_ptr<tcp::socket>> sockets;
  std::vector<std::thread> threads;  // the first accepts

  template <class Stream>
  void talk(Stream& stream) {
    beast::flat_buffer buffer;
    boost::system::error_code error;
    while (!error) {
      HttpRequest request;
      http::read(stream, buffer, request, error);
      if (error) return;
      HttpResponse response = handler(request);
      response.keep_alive(request.keep_alive());
      response.prepare_payload();
      http::write(stream, response, error);
      if (!request.keep_alive()) return;
    }
  }

  void serve(tcp::socket& socket) {
    boost::system::error_code error;
    if (!tls) {
      talk(socket);
    } else {
      asio::ssl::stream<tcp::socket&> stream(socket, *tls);
      stream.handshake(asio::ssl::stream_base::server, error);
      if (!error) talk(stream);
    }
    socket.shutdown(tcp::socket::shutdown_both, error);
  }

  void accept() {
    while (true) {
      auto socket = std::make_shared<tcp::socket>(loop);
      boost::system::error_code error;
      acceptor.accept(*socket, error);
      const std::lock_guard lock(mutex);
      if (error || closing) return;
      sockets.push_back(socket);
      threads.emplace_back([this, socket] { serve(*socket); });
    }
  }
};

HttpServer::HttpServer(Handler handler, std::shared_ptr<asio::ssl::context> tls)
    : impl_(std::make_unique<Impl>()) {
  impl_->handler = std::move(handler);
  impl_->tls = std::move(tls);
  const std::lock_guard lock(impl_->mutex);
  impl_->threads.emplace_back([impl = impl_.get()] { impl->accept(); });
}

HttpServer::~HttpServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->closing = true;
    ::shutdown(impl_->acceptor.native_handle(), SHUT_RDWR);
    for (const auto& socket : impl_->sockets) ::shutdown(socket->native_handle(), SHUT_RDWR);
  }
  for (std::size_t i = 0; i < impl_->threads.size(); ++i) impl_->threads[i].join();
}

std::uint16_t HttpServer::port() const { return impl_->acceptor.local_endpoint().port(); }

namespace {

std::shared_ptr<EVP_PKEY> new_key() { return {EVP_EC_gen("P-256"), EVP_PKEY_free}; }

void extend(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  if (!extension) throw std::runtime_error("extension " + value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

std::shared_ptr<X509> new_certificate(const std::string& name, EVP_PKEY* key, long serial) {
  std::shared_ptr<X509> out(X509_new(), X509_free);
  X509_set_version(out.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 3600);
  X509_set_pubkey(out.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(out.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return out;
}

}  // namespace

TestAuthority::TestAuthority() {
  const auto key = new_key();
  const auto certificate = new_certificate("authority of a test", key.get(), 1);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate.get()));
  extend(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_X509(memory.get(), certificate.get());
  const char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  pem.assign(text, static_cast<std::size_t>(size));
  key_ = key;
  certificate_ = certificate;
}

std::shared_ptr<asio::ssl::context> TestAuthority::server(const std::string& name) const {
  const auto key = new_key();
  const auto certificate = new_certificate(name, key.get(), 2);
  X509_set_issuer_name(certificate.get(),
                       X509_get_subject_name(static_cast<X509*>(certificate_.get())));
  extend(certificate.get(), NID_subject_alt_name, "DNS:" + name);
  X509_sign(certificate.get(), static_cast<EVP_PKEY*>(key_.get()), EVP_sha256());
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_use_certificate(context->native_handle(), certificate.get());
  SSL_CTX_use_PrivateKey(context->native_handle(), key.get());
  return context;
}

}  // namespace laggard
