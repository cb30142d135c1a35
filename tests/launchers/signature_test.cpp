// The signature that libcurl makes, computed again from what arrived.
#include "tests/launchers/invoke_test_bed.hpp"

#include "core/io/error.hpp"
#include "runners/launchers/lambda/http_client.hpp"
#include "runners/launchers/lambda/service_api.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <sstream>

namespace laggard {
namespace {

std::string hex(const std::string& bytes) {
  std::string text;
  for (const unsigned char c : bytes) {
    text += "0123456789abcdef"[c >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text;
}

std::string sha256(const std::string& text) {
  unsigned char digest[32];
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<char*>(digest), size};
}

std::string hmac(const std::string& key, const std::string& text) {
  unsigned char digest[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return {reinterpret_cast<char*>(digest), size};
}

std::string encoded(const std::string& text, bool keep_slash) {
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~' ||
        (c == '/' && keep_slash)) {
      out += static_cast<char>(c);
    } else {
      out += '%';
      out += "0123456789ABCDEF"[c >> 4];
      out += "0123456789ABCDEF"[c & 15];
    }
  }
  return out;
}

std::string between(const std::string& text, const std::string& before, char after) {
  const std::size_t start = text.find(before) + before.size();
  return text.substr(start, text.find(after, start) - start);
}

// By "Create a signed AWS API request" of AWS's reference.
std::string expected_signature(const ServedRequest& request, const std::string& region) {
  const std::string authorization = request.headers.at("authorization");
  const std::string names = between(authorization, "SignedHeaders=", ',');
  const std::string amz_date = request.headers.at("x-amz-date");
  const std::size_t mark = request.target.find('?');
  const std::string path = request.target.substr(0, mark);
  const std::string query = mark == std::string::npos ? "" : request.target.substr(mark + 1);
  std::string canonical = request.method + '\n' + encoded(path, true) + '\n' + query + '\n';
  std::istringstream list(names);
  for (std::string name; std::getline(list, name, ';');) {
    canonical += name + ':' + request.headers.at(name) + '\n';
  }
  canonical += '\n' + names + '\n' + hex(sha256(request.body));
  const std::string date = amz_date.substr(0, 8);
  const std::string scope = date + '/' + region + "/lambda/aws4_request";
  const std::string to_sign =
      "AWS4-HMAC-SHA256\n" + amz_date + '\n' + scope + '\n' + hex(sha256(canonical));
  const std::string key =
      hmac(hmac(hmac(hmac("AWS4" + kSecretKey, date), region), "lambda"), "aws4_request");
  return hex(hmac(key, to_sign));
}

ServedRequest arrived(const std::string& function,
                      HttpRequest (*make)(const FunctionAddress&, const Credentials&)) {
  ScriptedServer server([](const ServedRequest&) { return ScriptedReply{}; });
  const HttpResponse response =
      fetch(make(function_address(function, "eu-north-1", server.url()), test_credentials()));
  EXPECT_EQ(response.status, 200) << response.error;
  return server.requests().at(0);
}

HttpRequest invocation(const FunctionAddress& address, const Credentials& credentials) {
  return invoke_request(address, credentials, R"({"laggard":1,"text":"ä €"})");
}

void expect_signed(const ServedRequest& request) {
  const std::string authorization = request.headers.at("authorization");
  EXPECT_EQ(between(authorization, "Signature=", '\n'), expected_signature(request, "eu-north-1"));
  const std::string names = ";" + between(authorization, "SignedHeaders=", ',') + ";";
  EXPECT_NE(names.find(";host;"), std::string::npos);
  EXPECT_NE(names.find(";x-amz-security-token;"), std::string::npos);
  EXPECT_EQ(request.headers.at("x-amz-security-token"), kSessionToken);
}

TEST(Signature, OfAnInvocationIsRight) {
  const ServedRequest request = arrived("laggard-worker", invocation);
  EXPECT_EQ(request.target, "/2015-03-31/functions/laggard-worker/invocations");
  EXPECT_EQ(request.method, "POST");
  expect_signed(request);
  EXPECT_EQ(request.headers.at("x-amz-invocation-type"), "RequestResponse");
  EXPECT_EQ(request.headers.at("x-amz-log-type"), "Tail");
  EXPECT_FALSE(request.headers.contains("expect"));
}

TEST(Signature, WithAQualifierIsRight) {
  const ServedRequest request = arrived("laggard-worker:live_2", invocation);
  EXPECT_EQ(request.target, "/2015-03-31/functions/laggard-worker/invocations?Qualifier=live_2");
  expect_signed(request);
}

TEST(Signature, WithTheQualifierLatestIsRight) {
  const ServedRequest request = arrived("laggard-worker:$LATEST", invocation);
  EXPECT_EQ(request.target, "/2015-03-31/functions/laggard-worker/invocations?Qualifier=%24LATEST");
  expect_signed(request);
}

TEST(Signature, OfEveryGetIsRight) {
  for (const auto make : {configuration_request, concurrency_request, account_request}) {
    const ServedRequest request = arrived("w:3", make);
    EXPECT_EQ(request.method, "GET");
    expect_signed(request);
  }
}

TEST(FunctionAddress, RefusesWhatItWouldSignWronglyOrShowToTheNetwork) {
  for (const char* function : {"", "arn:aws:lambda:us-east-1:123456789012:function:w", "a/b", "a b",
                               "w:", "w:x:y", "w?Qualifier=1"}) {
    EXPECT_THROW(function_address(function, "us-east-1", ""), Error) << function;
  }
  for (const char* endpoint : {"http://198.51.100.1:80", "http://127.0.0.1.example.org", "ftp://x",
                               "https://user:secret@host", "http://127.0.0.1:1@198.51.100.1"}) {
    EXPECT_THROW(function_address("w", "us-east-1", endpoint), Error) << endpoint;
  }
  EXPECT_EQ(function_address("w", "us-east-1", "").endpoint,
            "https://lambda.us-east-1.amazonaws.com");
  EXPECT_EQ(function_address("w", "cn-north-1", "").endpoint,
            "https://lambda.cn-north-1.amazonaws.com.cn");
  EXPECT_EQ(function_address("w", "r", "http://[::1]:80/").endpoint, "http://[::1]:80");
}

}  // namespace
}  // namespace laggard
