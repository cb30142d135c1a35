// One HTTP exchange as a libcurl handle.
#pragma once

#include "runners/launchers/lambda/http_client.hpp"

#include <curl/curl.h>

#include <array>
#include <string>

namespace laggard {

// Owns the handle and all that it points to. Not copied, not moved: libcurl holds its address.
class CurlTransfer {
 public:
  explicit CurlTransfer(const HttpRequest& request);
  ~CurlTransfer();
  CurlTransfer(const CurlTransfer&) = delete;
  CurlTransfer& operator=(const CurlTransfer&) = delete;

  CURL* handle() const { return handle_; }
  // The result, once libcurl is done.
  HttpResponse take_response(CURLcode code);

 private:
  void set_up(const HttpRequest& request);
  static int on_progress(const void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t);
  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self);
  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self);

  CURL* handle_ = nullptr;
  curl_slist* headers_ = nullptr;
  std::string request_body_;
  std::size_t most_bytes_ = 0;
  std::size_t header_bytes_ = 0;
  HttpResponse response_;
  std::array<char, CURL_ERROR_SIZE> error_{};
};

// Is it a URL to this host itself?
bool is_loopback_url(const std::string& url);

}  // namespace laggard
