#include "runners/local_lambda/sigv4.hpp"

#include "core/wire/proof.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <algorithm>
#include <ctime>

namespace laggard::local {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
constexpr std::chrono::minutes kMostSkew{5};

ByteSpan bytes_of(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string hmac(std::string_view key, std::string_view text) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest, &size);
  return {reinterpret_cast<const char*>(digest), size};
}

// All but A-Z a-z 0-9 - . _ ~ and those in `kept`.
std::string uri_encode(std::string_view text, std::string_view kept = "") {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~").find(c) != std::string_view::npos ||
                       kept.find(c) != std::string_view::npos;
    if (plain) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t at = text.find(separator);
    parts.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return parts;
    text.remove_prefix(at + 1);
  }
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string_view item : split(query, '&')) {
    if (item.empty()) continue;
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string_view value = item.substr(std::min(equals + 1, item.size()));
    all.emplace_back(uri_encode(percent_decode(item.substr(0, equals))),
                     uri_encode(percent_decode(value)));
  }
  std::sort(all.begin(), all.end());
  std::string text;
  for (const auto& [name, value] : all) {
    text += fmt::format("{}{}={}", text.empty() ? "" : "&", name, value);
  }
  return text;
}

// Without blanks at the ends, and with single ones inside.
std::string trimmed(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string canonical_header(const HttpRequest& request, std::string_view name) {
  std::string values;
  for (const auto& [key, value] : request.headers) {
    if (!same_ignoring_case(key, name)) continue;
    values += (values.empty() ? "" : ",") + trimmed(value);
  }
  return fmt::format("{}:{}\n", name, values);
}

std::string canonical_request(const HttpRequest& request, std::string_view signed_headers,
                              std::string_view body_hash) {
  std::string headers;
  for (const std::string_view name : split(signed_headers, ';')) {
    headers += canonical_header(request, name);
  }
  // The path as sent is encoded once more, as all services but S3 want it.
  return fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, uri_encode(request.path(), "/"),
                     canonical_query(request.query()), headers, signed_headers, body_hash);
}

// The parts of the header Authorization; empty where they are missing.
struct Authorization {
  std::string_view algorithm, credential, signed_headers, signature;
};

Authorization parse_authorization(std::string_view text) {
  Authorization found;
  const std::size_t blank = text.find(' ');
  found.algorithm = text.substr(0, blank);
  if (blank == std::string_view::npos) return found;
  for (std::string_view item : split(text.substr(blank + 1), ',')) {
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    const std::size_t equals = item.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = item.substr(0, equals), value = item.substr(equals + 1);
    if (name == "Credential") found.credential = value;
    if (name == "SignedHeaders") found.signed_headers = value;
    if (name == "Signature") found.signature = value;
  }
  return found;
}

// "20150830T123600Z".
std::optional<std::chrono::system_clock::time_point> parse_date(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%Y%m%dT%H%M%SZ", &parts);
  if (text.size() != 16 || !end || *end != '\0') return std::nullopt;
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

std::string date_text(std::chrono::system_clock::time_point time) {
  return fmt::format("{:%Y%m%dT%H%M%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::optional<SigV4Refusal> check_date(const std::string& date,
                                       std::chrono::system_clock::time_point now) {
  const auto signed_at = parse_date(date);
  if (!signed_at) {
    return SigV4Refusal{"IncompleteSignatureException",
                        "X-Amz-Date is missing or not of the form 20150830T123600Z."};
  }
  if (*signed_at < now - kMostSkew) {
    return SigV4Refusal{"InvalidSignatureException",
                        fmt::format("Signature expired: {} is now earlier than {} ({} - 5 min.)",
                                    date, date_text(now - kMostSkew), date_text(now))};
  }
  if (*signed_at > now + kMostSkew) {
    return SigV4Refusal{"InvalidSignatureException",
                        fmt::format("Signature not yet current: {} is still later than {} "
                                    "({} + 5 min.)",
                                    date, date_text(now + kMostSkew), date_text(now))};
  }
  return std::nullopt;
}

std::string signature_of(const SigV4Identity& identity, std::string_view date,
                         std::string_view scope, std::string_view canonical) {
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, date, scope, sha256_hex(bytes_of(canonical)));
  std::string key = hmac("AWS4" + identity.secret_key, date.substr(0, 8));
  for (const std::string_view step :
       {std::string_view(identity.region), std::string_view(identity.service),
        std::string_view("aws4_request"), std::string_view(to_sign)}) {
    key = hmac(key, step);
  }
  return to_hex(bytes_of(key));
}

bool is_listed(std::string_view list, std::string_view name) {
  const auto names = split(list, ';');
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What the headers say of the body. As all services but S3, this one wants the very hash.
bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == text.npos;
}

// Nothing: `given` is the signature of the request with a body of that hash.
std::optional<SigV4Refusal> compare(const HttpRequest& request, const Authorization& given,
                                    const SigV4Identity& identity, std::string_view body_hash) {
  const std::string_view date = request.header("x-amz-date");
  const std::string_view scope = given.credential.substr(identity.access_key.size() + 1);
  const std::string wanted = signature_of(
      identity, date, scope, canonical_request(request, given.signed_headers, body_hash));
  if (wanted.size() == given.signature.size() &&
      CRYPTO_memcmp(wanted.data(), given.signature.data(), wanted.size()) == 0)
    return std::nullopt;
  return SigV4Refusal{"InvalidSignatureException",
                      "The request signature we calculated does not match the signature you "
                      "provided. Check your AWS Secret Access Key and signing method."};
}

// All but the signature itself.
std::optional<SigV4Refusal> check_claims(const HttpRequest& request, const Authorization& given,
                                         const SigV4Identity& identity,
                                         std::chrono::system_clock::time_point now) {
  if (request.header("authorization").empty()) {
    return SigV4Refusal{"MissingAuthenticationTokenException", "Missing Authentication Token"};
  }
  const auto credential = split(given.credential, '/');
  if (given.algorithm != kAlgorithm || credential.size() != 5 || given.signature.empty() ||
      !is_listed(given.signed_headers, "host") || !is_listed(given.signed_headers, "x-amz-date")) {
    return SigV4Refusal{"IncompleteSignatureException",
                        "Authorization header requires AWS4-HMAC-SHA256 with Credential, "
                        "SignedHeaders (with host and x-amz-date) and Signature."};
  }
  if (credential[0] != identity.access_key ||
      request.header("x-amz-security-token") != identity.session_token) {
    return SigV4Refusal{"UnrecognizedClientException",
                        "The security token included in the request is invalid."};
  }
  const std::string date(request.header("x-amz-date"));
  if (auto refusal = check_date(date, now)) return refusal;
  const std::string scope =
      fmt::format("{}/{}/{}/aws4_request", date.substr(0, 8), identity.region, identity.service);
  if (given.credential.substr(credential[0].size() + 1) == scope) return std::nullopt;
  return SigV4Refusal{"InvalidSignatureException",
                      fmt::format("Credential should be scoped to {}.", scope)};
}

}  // namespace

std::optional<SigV4Refusal> check_signed_head(const HttpRequest& head,
                                              const SigV4Identity& identity,
                                              std::chrono::system_clock::time_point now) {
  const Authorization given = parse_authorization(head.header("authorization"));
  if (auto refusal = check_claims(head, given, identity, now)) return refusal;
  const std::string_view promised = head.header("x-amz-content-sha256");
  return is_hash(promised) ? compare(head, given, identity, promised) : std::nullopt;
}

std::optional<SigV4Refusal> check_signature(const HttpRequest& request,
                                            const SigV4Identity& identity,
                                            std::chrono::system_clock::time_point now) {
  const Authorization given = parse_authorization(request.header("authorization"));
  if (auto refusal = check_claims(request, given, identity, now)) return refusal;
  const std::string hash = sha256_hex(bytes_of(request.body));
  const std::string_view promised = request.header("x-amz-content-sha256");
  const bool kept = promised.empty() || promised == hash;
  return compare(request, given, identity, kept ? hash : "another");
}

}  // namespace laggard::local
