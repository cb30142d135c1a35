#include "core/wire/proof.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace laggard {
namespace {

struct Claim {
  Token token{};
  Bytes channel;
  RunId run{};
  WorkerId worker = 7;
  int incarnation = 3;
  Nonce nonce{};

  Claim() {
    for (int i = 0; i < 32; ++i) token[static_cast<std::size_t>(i)] = static_cast<std::byte>(i);
    for (int i = 0; i < 32; ++i) channel.push_back(static_cast<std::byte>(0xa0 + i));
    for (int i = 0; i < 16; ++i)
      run[static_cast<std::size_t>(i)] = static_cast<std::byte>(0x40 + i);
    for (int i = 0; i < 16; ++i)
      nonce[static_cast<std::size_t>(i)] = static_cast<std::byte>(0x80 + i);
  }
  Proof proof() const { return make_proof(token, channel, run, worker, incarnation, nonce); }
};

// Python: hmac.new(token, channel + run + pack("<ii", 7, 3) + nonce, sha256).hexdigest()
TEST(Proof, IsTheHmacThatPythonComputes) {
  Claim claim;
  EXPECT_EQ(to_hex(claim.proof()),
            "b13ab471a606bfe8b669a9b7ca6c0a1966f1a31f19a8cbc189cc2ef21dda40f9");
  claim.channel.clear();
  EXPECT_EQ(to_hex(claim.proof()),
            "4ce46acfc707db8375cccf4d0daef5b22250d43785e7e5948ef8402659887336");
}

TEST(Proof, EveryPartOfTheClaimCounts) {
  const Proof whole = Claim().proof();
  const auto differs = [&](auto change) {
    Claim claim;
    change(claim);
    return !equal(claim.proof(), whole);
  };
  EXPECT_FALSE(differs([](Claim&) {}));
  EXPECT_TRUE(differs([](Claim& c) { c.token[31] ^= std::byte{1}; }));
  EXPECT_TRUE(differs([](Claim& c) { c.channel[0] ^= std::byte{1}; }));
  EXPECT_TRUE(differs([](Claim& c) { c.run[15] ^= std::byte{1}; }));
  EXPECT_TRUE(differs([](Claim& c) { ++c.worker; }));
  EXPECT_TRUE(differs([](Claim& c) { ++c.incarnation; }));
  EXPECT_TRUE(differs([](Claim& c) { c.nonce[0] ^= std::byte{128}; }));
}

TEST(Hex, IsReadBackInEitherCaseAndNothingElse) {
  std::array<std::byte, 3> out{};
  from_hex("00fFa1", out);
  EXPECT_EQ(to_hex(out), "00ffa1");
  for (const char* bad : {"", "00ff", "00ffa1b2", "00ffg1", "0 ffa1", "00ffa"})
    EXPECT_THROW(from_hex(bad, out), WireError) << bad;
}

TEST(Secrets, AreDrawnAnewAndWiped) {
  Token a = random_token();
  EXPECT_NE(a, random_token());
  EXPECT_NE(random_run_id(), random_run_id());
  EXPECT_NE(random_nonce(), random_nonce());
  wipe(a);
  EXPECT_EQ(a, Token{});
}

}  // namespace
}  // namespace laggard
