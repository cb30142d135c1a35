#include "core/io/error.hpp"
#include "core/wire/proof.hpp"
#include "runners/channels/tls/connection.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>

namespace laggard {
namespace {

using ssl_context = asio::ssl::context;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Fingerprint = std::array<std::byte, 32>;

void require(bool done, const char* what) {
  if (!done) throw Error(std::string("OpenSSL: ") + what + " fails");
}

Fingerprint fingerprint(const X509* certificate) {
  Fingerprint out{};
  unsigned size = 0;
  const int done =
      X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(out.data()), &size);
  require(done == 1 && size == out.size(), "the fingerprint of a certificate");
  return out;
}

// Who signs and how long it holds is nobody's question: the pin is all that a worker checks.
Certificate self_signed(EVP_PKEY* key) {
  constexpr long kDay = 24 * 60 * 60;
  Certificate out(X509_new(), X509_free);
  require(out != nullptr, "X509_new");
  X509_set_version(out.get(), X509_VERSION_3);
  std::array<unsigned char, 8> serial{};
  require(RAND_bytes(serial.data(), static_cast<int>(serial.size())) == 1, "RAND_bytes");
  std::uint64_t number = 0;
  for (const unsigned char byte : serial) number = number << 8 | byte;
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(out.get()), number >> 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 3650 * kDay);
  X509_set_pubkey(out.get(), key);
  X509_NAME* name = X509_get_subject_name(out.get());
  const auto* common = reinterpret_cast<const unsigned char*>("laggard");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common, -1, -1, 0);
  X509_set_issuer_name(out.get(), name);
  require(X509_sign(out.get(), key, EVP_sha256()) > 0, "X509_sign");
  return out;
}

}  // namespace

RunCertificate make_run_certificate() {
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  require(key != nullptr, "making a key");
  const Certificate certificate = self_signed(key.get());
  RunCertificate out;
  out.context = std::make_shared<ssl_context>(ssl_context::tlsv13_server);
  SSL_CTX* handle = out.context->native_handle();
  require(SSL_CTX_use_certificate(handle, certificate.get()) == 1, "using the certificate");
  require(SSL_CTX_use_PrivateKey(handle, key.get()) == 1, "using the key");
  SSL_CTX_set_num_tickets(handle, 0);  // nobody resumes
  SSL_CTX_set_session_cache_mode(handle, SSL_SESS_CACHE_OFF);
  out.pin = to_hex(fingerprint(certificate.get()));
  return out;
}

std::shared_ptr<asio::ssl::context> pinned_context(const std::string& pin) {
  Fingerprint expected{};
  from_hex(pin, expected);
  auto out = std::make_shared<ssl_context>(ssl_context::tlsv13_client);
  out->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
  // Asked for every certificate and every fault of the chain. The leaf's is the key that the peer
  // has proven to hold, so the answer is about the leaf, always.
  out->set_verify_callback([expected](bool, asio::ssl::verify_context& chain) {
    const X509* leaf = X509_STORE_CTX_get0_cert(chain.native_handle());
    return leaf != nullptr && fingerprint(leaf) == expected;
  });
  return out;
}

}  // namespace laggard
