// The vectors are those of AWS's published Signature Version 4 test suite.
#include "runners/local_lambda/sigv4.hpp"

#include <gtest/gtest.h>

namespace laggard::local {
namespace {

constexpr std::time_t kVectorTime = 1440938160;  // 20150830T123600Z
const SigV4Identity kIdentity{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
                              "us-east-1", "service"};

HttpRequest vector_request(const std::string& signature, const std::string& signed_headers) {
  HttpRequest request;
  request.method = "GET";
  request.target = "/";
  request.headers = {{"Host", "example.amazonaws.com"},
                     {"X-Amz-Date", "20150830T123600Z"},
                     {"Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/"
                      "aws4_request, SignedHeaders=" +
                          signed_headers + ", Signature=" + signature}};
  return request;
}

HttpRequest get_vanilla() {
  return vector_request("5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
                        "host;x-amz-date");
}

// Empty: accepted.
std::string refusal(const HttpRequest& request, std::time_t late = 0,
                    const SigV4Identity& identity = kIdentity) {
  const auto now = std::chrono::system_clock::from_time_t(kVectorTime + late);
  const auto refused = check_signature(request, identity, now);
  return refused ? refused->type : "";
}

TEST(SigV4, PublishedVectorsAreAccepted) {
  EXPECT_EQ(refusal(get_vanilla()), "");

  HttpRequest post = vector_request(
      "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b", "host;x-amz-date");
  post.method = "POST";
  EXPECT_EQ(refusal(post), "");

  HttpRequest query = vector_request(
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500", "host;x-amz-date");
  query.target = "/?Param2=value2&Param1=value1";
  EXPECT_EQ(refusal(query), "");

  HttpRequest trim =
      vector_request("acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
                     "host;my-header1;my-header2;x-amz-date");
  trim.headers.emplace_back("My-Header1", " value1");
  trim.headers.emplace_back("My-Header2", " \"a   b   c\"");
  EXPECT_EQ(refusal(trim), "");

  HttpRequest form =
      vector_request("ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
                     "content-type;host;x-amz-date");
  form.method = "POST";
  form.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  form.body = "Param1=value1";
  EXPECT_EQ(refusal(form), "");
}

TEST(SigV4, WhateverIsChangedAfterSigningIsRefused) {
  const std::string wrong = "InvalidSignatureException";
  HttpRequest request = get_vanilla();
  request.method = "POST";
  EXPECT_EQ(refusal(request), wrong);
  request = get_vanilla();
  request.target = "/other";
  EXPECT_EQ(refusal(request), wrong);
  request = get_vanilla();
  request.target = "/?a=b";
  EXPECT_EQ(refusal(request), wrong);
  request = get_vanilla();
  request.body = "{}";
  EXPECT_EQ(refusal(request), wrong);
  request = get_vanilla();
  request.headers[0].second = "other.amazonaws.com";
  EXPECT_EQ(refusal(request), wrong);
  request = get_vanilla();
  request.headers[1].second = "20150830T123601Z";
  EXPECT_EQ(refusal(request), wrong);
  request = get_vanilla();
  request.headers[2].second.back() = '0';
  EXPECT_EQ(refusal(request), wrong);
  request = get_vanilla();
  request.headers.emplace_back("X-Amz-Content-Sha256", std::string(64, '0'));
  EXPECT_EQ(refusal(request), wrong);
}

TEST(SigV4, WrongKeysRegionsAndServicesAreRefused) {
  SigV4Identity other = kIdentity;
  other.access_key = "AKIDOTHER";
  EXPECT_EQ(refusal(get_vanilla(), 0, other), "UnrecognizedClientException");
  other = kIdentity;
  other.secret_key += "x";
  EXPECT_EQ(refusal(get_vanilla(), 0, other), "InvalidSignatureException");
  other = kIdentity;
  other.region = "us-east-2";
  EXPECT_EQ(refusal(get_vanilla(), 0, other), "InvalidSignatureException");
  other = kIdentity;
  other.service = "lambda";
  EXPECT_EQ(refusal(get_vanilla(), 0, other), "InvalidSignatureException");
}

TEST(SigV4, HeadersAloneTellWhoCannotHaveSigned) {
  const auto head = [](const HttpRequest& request) {
    const auto now = std::chrono::system_clock::from_time_t(kVectorTime);
    const auto refused = check_signed_head(request, kIdentity, now);
    return refused ? refused->type : "";
  };
  EXPECT_EQ(head(get_vanilla()), "");
  HttpRequest request = get_vanilla();
  request.headers.pop_back();
  EXPECT_EQ(head(request), "MissingAuthenticationTokenException");
  // What the body is to be is told: then the signature need not wait for it.
  request = get_vanilla();
  const std::string empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  request.headers.emplace_back("X-Amz-Content-Sha256", empty);
  EXPECT_EQ(head(request), "");
  request.headers.back().second.back() = '0';
  EXPECT_EQ(head(request), "InvalidSignatureException");
}

TEST(SigV4, SessionTokensAreThoseOfTheIdentity) {
  HttpRequest request = get_vanilla();
  request.headers.emplace_back("X-Amz-Security-Token", "t");
  EXPECT_EQ(refusal(request), "UnrecognizedClientException");
  SigV4Identity temporary = kIdentity;
  temporary.session_token = "t";
  EXPECT_EQ(refusal(request, 0, temporary), "");
  EXPECT_EQ(refusal(get_vanilla(), 0, temporary), "UnrecognizedClientException");
}

TEST(SigV4, SignaturesHoldForFiveMinutesEitherWay) {
  EXPECT_EQ(refusal(get_vanilla(), 300), "");
  EXPECT_EQ(refusal(get_vanilla(), 301), "InvalidSignatureException");
  EXPECT_EQ(refusal(get_vanilla(), -300), "");
  EXPECT_EQ(refusal(get_vanilla(), -301), "InvalidSignatureException");
}

TEST(SigV4, MissingAndMalformedHeadersAreTold) {
  HttpRequest request = get_vanilla();
  request.headers.pop_back();
  EXPECT_EQ(refusal(request), "MissingAuthenticationTokenException");
  for (const char* bad : {"Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE",
                          "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=, Signature=0"}) {
    request = get_vanilla();
    request.headers.back().second = bad;
    EXPECT_EQ(refusal(request), "IncompleteSignatureException") << bad;
  }
  request = get_vanilla();
  request.headers[1].second = "yesterday";
  EXPECT_EQ(refusal(request), "IncompleteSignatureException");
}

}  // namespace
}  // namespace laggard::local
