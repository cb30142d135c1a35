#include "runners/launchers/lambda/curl_transfer.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <new>
#include <string_view>

namespace laggard {
namespace {

void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::bad_alloc();
}

long milliseconds(Time time) {
  return static_cast<long>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

}  // namespace

bool is_loopback_url(const std::string& url) {
  CURLU* parts = curl_url();
  char* text = nullptr;
  std::string host;
  if (parts && curl_url_set(parts, CURLUPART_URL, url.c_str(), 0) == CURLUE_OK &&
      curl_url_get(parts, CURLUPART_HOST, &text, 0) == CURLUE_OK) {
    host = text;
  }
  curl_free(text);
  curl_url_cleanup(parts);
  const bool is_dotted = host.find_first_not_of("0123456789.") == host.npos;
  return host == "localhost" || host == "[::1]" || (host.starts_with("127.") && is_dotted);
}

CurlTransfer::CurlTransfer(const HttpRequest& request)
    : request_body_(request.body), most_bytes_(request.most_bytes) {
  start_libcurl();
  handle_ = curl_easy_init();
  if (!handle_) throw std::bad_alloc();
  set_up(request);
}

CurlTransfer::~CurlTransfer() {
  curl_easy_cleanup(handle_);
  curl_slist_free_all(headers_);
}

void CurlTransfer::set_up(const HttpRequest& request) {
  const auto set = [this](CURLoption option, auto value) {
    curl_easy_setopt(handle_, option, value);
  };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_TCP_KEEPALIVE, 1L);  // a NAT gateway forgets what is idle for 350 s
  set(CURLOPT_TCP_KEEPIDLE, 60L);
  set(CURLOPT_TCP_KEEPINTVL, 30L);
  set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connect_timeout));
  set(CURLOPT_TIMEOUT_MS, milliseconds(request.timeout));
  set(CURLOPT_ERRORBUFFER, error_.data());
  if (request.stop) {
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFODATA, request.stop);
    set(CURLOPT_XFERINFOFUNCTION, &CurlTransfer::on_progress);
  }
  if (request.direct || is_loopback_url(request.url)) set(CURLOPT_NOPROXY, "*");
  if (const char* bundle = std::getenv("AWS_CA_BUNDLE"); bundle && *bundle) {
    set(CURLOPT_CAINFO, bundle);
  }
  if (request.method != "GET") {
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(CURLOPT_POSTFIELDS, request_body_.c_str());
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request_body_.size()));
  }
  const auto add = [this](const std::string& header) {
    curl_slist* longer = curl_slist_append(headers_, header.c_str());
    if (!longer) throw std::bad_alloc();
    headers_ = longer;
  };
  // No "Expect:" to switch 100-continue off: libcurl 7.88 would sign it without sending it. It asks
  // for that only with bodies of a megabyte and more.
  for (const std::string& header : request.headers) add(header);
  if (request.credentials) {
    set(CURLOPT_AWS_SIGV4, ("aws:amz:" + request.region + ":" + request.service).c_str());
    set(CURLOPT_USERNAME, request.credentials->access_key.c_str());
    set(CURLOPT_PASSWORD, request.credentials->secret_key.reveal().c_str());
    const Secret& token = request.credentials->session_token;
    if (!token.empty()) add("X-Amz-Security-Token: " + token.reveal());
  }
  set(CURLOPT_HTTPHEADER, headers_);
  set(CURLOPT_HEADERFUNCTION, &CurlTransfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &CurlTransfer::on_body);
  set(CURLOPT_WRITEDATA, this);
}

int CurlTransfer::on_progress(const void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(stop) ? 1 : 0;
}

std::size_t CurlTransfer::on_header(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  transfer.header_bytes_ += size;
  if (transfer.header_bytes_ > transfer.most_bytes_) return 0;
  std::string_view line(data, size);
  if (line.starts_with("HTTP/")) transfer.response_.headers.clear();  // of 100 Continue
  const std::size_t colon = line.find(':');
  if (colon == line.npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && static_cast<unsigned char>(value.back()) <= ' ') value.remove_suffix(1);
  transfer.response_.headers[std::move(name)] = std::string(value);
  return size;
}

std::size_t CurlTransfer::on_body(char* data, std::size_t, std::size_t size, void* self) {
  auto& transfer = *static_cast<CurlTransfer*>(self);
  if (transfer.response_.body.size() + size > transfer.most_bytes_) return 0;
  transfer.response_.body.append(data, size);
  return size;
}

HttpResponse CurlTransfer::take_response(CURLcode code) {
  long status = 0, bytes = 0;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle_, CURLINFO_REQUEST_SIZE, &bytes);
  curl_easy_getinfo(handle_, CURLINFO_TOTAL_TIME_T, &microseconds);
  HttpResponse response = std::move(response_);
  response.status = code == CURLE_OK ? static_cast<int>(status) : 0;
  response.sent = bytes > 0;
  response.elapsed = std::chrono::microseconds(microseconds);
  if (code == CURLE_WRITE_ERROR) {
    response.error = "the answer is larger than expected";
  } else if (code != CURLE_OK) {
    response.error = error_[0] ? error_.data() : curl_easy_strerror(code);
  }
  return response;
}

}  // namespace laggard
