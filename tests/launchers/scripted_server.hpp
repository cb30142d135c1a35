// An HTTP server on loopback that answers as a test says, one connection after the other or many at
// a time.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace laggard {

struct ServedRequest {
  std::string method, target, body;
  std::map<std::string, std::string> headers;  // names in lower case
};

struct ScriptedReply {
  int status = 200;
  std::string body = {};
  std::map<std::string, std::string> headers = {};
  bool hang_up = false;  // no answer: the connection is closed
  bool silent = false;   // no answer, and the connection stays until the server goes
};

class ScriptedServer {
 public:
  using Script = std::function<ScriptedReply(const ServedRequest&)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();

  std::string url() const;
  std::vector<ServedRequest> requests() const;
  // Those whose target holds `part`.
  int count(const std::string& part) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace laggard
