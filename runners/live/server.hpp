// A page on this machine that follows something as it goes.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace laggard::live {

// JSON of all there is to see, on one line. Asked for on the server's thread, only while somebody
// looks.
using Document = std::function<std::string()>;

// web/dist/live.html.
std::string_view page();

inline constexpr std::size_t kMostClients = 16;  // more are hung up on

// Serves http://127.0.0.1:PORT/, in a thread of its own, from construction to destruction:
//   GET /        the page
//   GET /events  a stream of events, each the document as it is then, twice a second at most
// Nobody but this machine is answered, and no page but its own: whatever does not name this address
// as Host, or names another page as Origin, is refused. What is kept for a client is bounded: one
// that reads slowly misses documents, and one that does not read at all is hung up on.
class Server {
 public:
  // port 0: a free one. `page` must outlive it. Throws Error, beginning with --serve, where it
  // cannot listen.
  Server(int port, std::string_view page, Document document);
  // Sends the document a last time to all who look, for which it waits a second at most.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  int port() const;
  std::string url() const;  // "http://127.0.0.1:PORT/"
  // Somebody looks. From any thread.
  bool is_watched() const;

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace laggard::live
