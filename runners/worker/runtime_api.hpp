// AWS Lambda's Runtime API, as a custom runtime speaks it.
#pragma once

#include "core/task/types.hpp"

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace laggard {

// Blocking; a connection a request. Every call throws Error where the API does not answer, or with
// what it should not.
class RuntimeApi {
 public:
  // address: "ADDRESS:PORT", numeric or localhost, as AWS_LAMBDA_RUNTIME_API has it.
  explicit RuntimeApi(std::string address);

  struct Invocation {
    std::string id;
    std::int64_t deadline_ms = 0;  // since 1970; 0: none told
    std::string payload;
  };
  Invocation next();  // waits for it without limit
  void respond(const std::string& id, const boost::json::object& answer);
  void fail(const std::string& id, std::string_view type, std::string_view message);
  void fail_init(std::string_view type, std::string_view message);

  // Registers an internal extension that does nothing, in a thread of its own: only a function with
  // an extension is told by SIGTERM that its end is near. Does nothing where extensions are not
  // offered.
  void register_extension();

 private:
  std::string address_;  // numeric
};

}  // namespace laggard
