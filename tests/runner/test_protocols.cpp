#include "tests/runner/test_protocols.hpp"

#include "core/task/types.hpp"

namespace laggard {
namespace {

const RegisterProtocol bounded(Protocol{
    kBounded,
    "a protocol with options, for tests",
    "none",
    {{"test-tau", OptionType::integer, 1, 100, {}, "8", "largest age"},
     {"test-gamma", OptionType::real, 0, kInfinity, {}, "0", "weight of the old z"},
     {"test-missing", OptionType::choice, 0, 0, {"reuse", "discard"}, "reuse", "what of the rest"}},
    nullptr,
    nullptr,
    nullptr});

// With an option that methods have too.
const RegisterProtocol gamma(Protocol{"test_gamma",
                                      "a protocol with a gamma of its own, for tests",
                                      "none",
                                      {{"gamma", OptionType::real, 0, 9, {}, "1", "nothing"}},
                                      nullptr,
                                      nullptr,
                                      nullptr});

const RegisterProtocol other(Protocol{
    kOther,
    "another one, for tests",
    "none",
    {{"test-other", OptionType::real, 0, 1, {}, "0.5", "a share"}},
    nullptr,
    nullptr,
    nullptr});

}  // namespace
}  // namespace laggard
