#include "runners/laboratory/report/packed.hpp"

#include "core/io/error.hpp"

#include <openssl/evp.h>
#include <zlib.h>

#include <limits>

namespace laggard {

std::string packed(std::string_view text) {
  constexpr int kGzip = 15 + 16, kMemory = 8;
  z_stream stream{};
  LAGGARD_ASSERT(text.size() <= std::numeric_limits<uInt>::max(), "a text of gigabytes");
  LAGGARD_ASSERT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzip, kMemory,
                              Z_DEFAULT_STRATEGY) == Z_OK,
                 "zlib");
  std::string out(deflateBound(&stream, text.size()), '\0');
  // zlib reads it only.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  LAGGARD_ASSERT(done == Z_STREAM_END, "zlib");
  return out;
}

std::string base64(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // it ends it with a zero
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace laggard
