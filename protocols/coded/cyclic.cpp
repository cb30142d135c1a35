#include "core/coding/gradient_code.hpp"
#include "core/schedule/code_rounds.hpp"
#include "protocols/coded/coded.hpp"

namespace laggard {

asio::awaitable<void> run_cyclic(Session& s) {
  const auto redundancy = static_cast<int>(integer_value(s.options(), "redundancy"));
  GradientCode code(s.workers(), redundancy, kCodeSeed);
  CodeRounds rounds;
  rounds.quorum = s.workers() - redundancy;
  rounds.most_error = kMostDecodingError;
  rounds.preempts = text_value(s.options(), "superseded") == "preempt";
  co_await run_code_rounds(s, code, rounds);
}

}  // namespace laggard
