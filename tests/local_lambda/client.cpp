#include "client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>
#include <boost/json.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

namespace laggard {
namespace {

std::size_t take_body(char* bytes, std::size_t, std::size_t count, void* to) {
  static_cast<std::string*>(to)->append(bytes, count);
  return count;
}

std::size_t take_header(char* bytes, std::size_t, std::size_t count, void* to) {
  std::string line(bytes, count);
  const std::size_t colon = line.find(": ");
  if (line.starts_with("HTTP/")) static_cast<Reply*>(to)->headers.clear();
  if (colon == std::string::npos) return count;
  std::string name = line.substr(0, colon);
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  static_cast<Reply*>(to)->headers[name] = line.substr(colon + 2, line.size() - colon - 4);
  return count;
}

}  // namespace

std::string Reply::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

std::string Reply::log_tail() const {
  const std::string text = header("x-amz-log-result");
  std::string bytes(text.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                  reinterpret_cast<const unsigned char*>(text.data()),
                  static_cast<int>(text.size()));
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  return bytes;
}

std::string Reply::value(const std::string& key) const {
  boost::system::error_code failure;
  const auto json = boost::json::parse(body, failure);
  if (failure || !json.is_object()) return "";
  const auto* found = json.as_object().if_contains(key);
  if (!found) return "";
  return found->is_string() ? std::string(found->as_string()) : boost::json::serialize(*found);
}

LocalLambdaOptions echo_options() {
  LocalLambdaOptions options;
  options.worker = LAGGARD_ECHO_RUNTIME;
  options.function = "echo";
  options.memory_mb = 256;
  options.event_backoff = std::chrono::milliseconds(20);
  return options;
}

Reply send(const LocalLambda& lambda, const Request& request) {
  Reply reply;
  CURL* curl = curl_easy_init();
  const std::string path =
      request.path.empty() ? "/2015-03-31/functions/echo/invocations" : request.path;
  const std::string url = lambda.endpoint() + path;
  const std::string secret = request.secret_key.empty() ? lambda.secret_key() : request.secret_key;
  const std::string user = request.access_key + ":" + secret;
  const std::string provider = fmt::format("aws:amz:{}:lambda", request.region);
  curl_slist* headers = curl_slist_append(nullptr, "Content-Type: application/json");
  if (!request.type.empty()) {
    headers = curl_slist_append(headers, ("X-Amz-Invocation-Type: " + request.type).c_str());
  }
  if (request.tail) headers = curl_slist_append(headers, "X-Amz-Log-Type: Tail");
  for (const std::string& line : request.headers) {
    headers = curl_slist_append(headers, line.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, request.timeout_ms);
  if (request.sign) {
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider.c_str());
    curl_easy_setopt(curl, CURLOPT_USERPWD, user.c_str());
  }
  if (request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.c_str());
  }
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &reply.body);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &reply);
  if (curl_easy_perform(curl) == CURLE_OK) {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
  }
  curl_slist_free_all(headers);
  curl_easy_cleanup(curl);
  return reply;
}

Reply invoke(const LocalLambda& lambda, const std::string& payload) {
  Request request;
  request.body = payload;
  return send(lambda, request);
}

std::string payload_of(const std::vector<std::string>& commands) {
  boost::json::array list;
  for (const std::string& command : commands) list.emplace_back(command);
  return boost::json::serialize(boost::json::object{{"do", list}});
}

Reply obey(const LocalLambda& lambda, const std::vector<std::string>& commands) {
  return invoke(lambda, payload_of(commands));
}

std::future<Reply> obey_meanwhile(const LocalLambda& lambda,
                                  const std::vector<std::string>& commands) {
  return std::async(std::launch::async, [&lambda, commands] { return obey(lambda, commands); });
}

char process_state(int id) {
  std::ifstream file(fmt::format("/proc/{}/stat", id));
  std::string text;
  std::getline(file, text);
  const std::size_t paren = text.rfind(") ");
  return paren == std::string::npos ? '\0' : text[paren + 2];
}

int children() {
  int count = 0;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    std::ifstream file(task.path() / "children");
    for (int child = 0; file >> child;) ++count;
  }
  return count;
}

}  // namespace laggard
