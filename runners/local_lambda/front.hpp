// The HTTP API of the service: Invoke, and what a client asks about a function beforehand.
#pragma once

#include "runners/local_lambda/http.hpp"
#include "runners/local_lambda/service.hpp"
#include "runners/local_lambda/sigv4.hpp"

#include <boost/json.hpp>

namespace laggard::local {

// What a path or ARN names.
struct FunctionName {
  std::string name, qualifier, account, region;  // what it does not say: empty
};
// NAME, NAME:QUALIFIER, ACCOUNT:function:NAME or an ARN, all perhaps percent-encoded.
FunctionName parse_function_name(std::string_view text);

class Front {
 public:
  Front(boost::asio::io_context& io, const LocalLambdaOptions& options, Log& log, Meter& meter);
  std::string address() const { return server_.address(); }

 private:
  struct Call {  // one request
    HttpRequest request;
    std::string id;
    HttpRespond respond;
  };

  std::optional<HttpReply> admit(const HttpRequest& head);
  void serve(HttpRequest request, HttpRespond respond);
  void route(Call call);
  void invoke(Call call, std::string_view function);
  void describe(const Call& call, std::string_view function);
  boost::json::object configuration() const;
  void reply_attempt(const Call& call, Attempt attempt);
  void reply(const Call& call, HttpReply reply);
  void refuse(const Call& call, int status, std::string_view type, const std::string& message,
              std::string_view reason = "");
  bool is_known(const Call& call, std::string_view function);
  std::string arn() const;

  const LocalLambdaOptions& options_;
  Log& log_;
  Meter& meter_;
  SigV4Identity identity_;
  Service service_;
  HttpServer server_;
};

}  // namespace laggard::local
