#include "runners/launchers/lambda/http_client.hpp"

#include "runners/launchers/lambda/curl_transfer.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace laggard {

namespace asio = boost::asio;

std::string HttpResponse::header(const std::string& lower_case_name) const {
  const auto at = headers.find(lower_case_name);
  return at == headers.end() ? "" : at->second;
}

HttpResponse fetch(const HttpRequest& request) {
  CurlTransfer transfer(request);
  return transfer.take_response(curl_easy_perform(transfer.handle()));
}

struct HttpClient::Impl {
  // A socket of libcurl that it wants to be told about. The waits under way share it, so it
  // outlives the client if the loop does; `client` is null once nobody listens.
  struct Watch : std::enable_shared_from_this<Watch> {
    Watch(Impl* owner, curl_socket_t socket) : client(owner), descriptor(owner->loop, socket) {}
    void wait(asio::posix::stream_descriptor::wait_type type, int wanted_bit, bool& under_way) {
      if (under_way || !(wanted & wanted_bit)) return;
      under_way = true;
      descriptor.async_wait(type, [self = shared_from_this(), wanted_bit,
                                   &under_way](const boost::system::error_code& failure) {
        under_way = false;
        if (!self->client) return;
        self->client->on_socket(self, failure                      ? CURL_CSELECT_ERR
                                      : wanted_bit == CURL_POLL_IN ? CURL_CSELECT_IN
                                                                   : CURL_CSELECT_OUT);
      });
    }
    void wait() {
      wait(asio::posix::stream_descriptor::wait_read, CURL_POLL_IN, reading);
      wait(asio::posix::stream_descriptor::wait_write, CURL_POLL_OUT, writing);
    }

    Impl* client;
    asio::posix::stream_descriptor descriptor;
    int wanted = 0;
    bool reading = false, writing = false;
  };

  struct Transfer {
    Transfer(const HttpRequest& request, Done when_done)
        : curl(request), done(std::move(when_done)) {}
    CurlTransfer curl;
    Done done;
  };

  explicit Impl(asio::io_context& io)
      : loop(io), timer(io), multi(curl_multi_init()), share(curl_share_init()) {
    if (!multi || !share) throw std::bad_alloc();
    // What fetch() looked up and agreed upon serves the starts that follow: no resolver thread
    // each.
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, &Impl::socket_wanted);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, &Impl::timer_wanted);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
  }

  ~Impl() {
    for (auto& [id, transfer] : transfers) curl_multi_remove_handle(multi, transfer->curl.handle());
    transfers.clear();
    curl_multi_cleanup(multi);
    curl_share_cleanup(share);
    for (auto& [socket, watch] : watches) forget(*watch);
  }

  static int socket_wanted(CURL*, curl_socket_t socket, int what, void* self, void*) {
    auto& impl = *static_cast<Impl*>(self);
    auto at = impl.watches.find(socket);
    if (what == CURL_POLL_REMOVE) {
      if (at != impl.watches.end()) {
        forget(*at->second);
        impl.watches.erase(at);
      }
      return 0;
    }
    try {
      if (at == impl.watches.end()) {
        at = impl.watches.emplace(socket, std::make_shared<Watch>(&impl, socket)).first;
      }
      at->second->wanted = what;
      at->second->wait();
      return 0;
    } catch (const std::exception&) {
      return -1;  // libcurl then ends its transfers
    }
  }

  // The socket stays open: it is libcurl's.
  static void forget(Watch& watch) {
    watch.client = nullptr;
    watch.descriptor.release();
  }

  static int timer_wanted(CURLM*, long timeout_ms, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    impl.timer.cancel();
    if (timeout_ms < 0) return 0;
    impl.timer.expires_after(std::chrono::milliseconds(timeout_ms));
    impl.timer.async_wait(
        [&impl, alive = std::weak_ptr(impl.alive)](const boost::system::error_code& failure) {
          if (!failure && !alive.expired()) impl.act(CURL_SOCKET_TIMEOUT, 0);
        });
    return 0;
  }

  void on_socket(const std::shared_ptr<Watch>& watch, int event) {
    act(watch->descriptor.native_handle(), event);
    if (watch->client) watch->wait();
  }

  void act(curl_socket_t socket, int event) {
    int running = 0;
    curl_multi_socket_action(multi, socket, event, &running);
    const std::weak_ptr<bool> still_alive = alive;
    int left = 0;
    while (CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      finish(message->easy_handle, message->data.result);
      if (still_alive.expired()) return;  // by what Done did
    }
  }

  void finish(CURL* handle, CURLcode code) {
    char* id = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &id);
    const auto at = transfers.find(reinterpret_cast<Id>(id));
    if (at == transfers.end()) return;
    const std::unique_ptr<Transfer> transfer = std::move(at->second);
    transfers.erase(at);
    curl_multi_remove_handle(multi, handle);
    transfer->done(transfer->curl.take_response(code));
  }

  asio::io_context& loop;
  asio::steady_timer timer;
  CURLM* multi;
  CURLSH* share;
  std::map<curl_socket_t, std::shared_ptr<Watch>> watches;
  std::map<Id, std::unique_ptr<Transfer>> transfers;
  Id next_id = 1;
  std::shared_ptr<bool> alive = std::make_shared<bool>(true);
};

HttpClient::HttpClient(asio::io_context& loop) : impl_(std::make_unique<Impl>(loop)) {}
HttpClient::~HttpClient() = default;

HttpClient::Id HttpClient::send(const HttpRequest& request, Done done) {
  auto transfer = std::make_unique<Impl::Transfer>(request, std::move(done));
  CURL* handle = transfer->curl.handle();
  const Id id = impl_->next_id++;
  curl_easy_setopt(handle, CURLOPT_SHARE, impl_->share);
  curl_easy_setopt(handle, CURLOPT_PRIVATE, reinterpret_cast<void*>(id));
  impl_->transfers.emplace(id, std::move(transfer));
  curl_multi_add_handle(impl_->multi, handle);
  return id;
}

HttpResponse HttpClient::fetch(const HttpRequest& request) {
  CurlTransfer transfer(request);
  curl_easy_setopt(transfer.handle(), CURLOPT_SHARE, impl_->share);
  return transfer.take_response(curl_easy_perform(transfer.handle()));
}

void HttpClient::drop(Id id) {
  const auto at = impl_->transfers.find(id);
  if (at == impl_->transfers.end()) return;
  curl_multi_remove_handle(impl_->multi, at->second->curl.handle());
  impl_->transfers.erase(at);
}

}  // namespace laggard
