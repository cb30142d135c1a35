// A good plugin but for INITIALISER, which runs while it is loaded, or DESCRIPTOR, which spoils what
// it says about itself.
#include "core/schedule/plugin.hpp"

#include <stdexcept>

#ifndef INITIALISER
#define INITIALISER
#endif
#ifndef DESCRIPTOR
#define DESCRIPTOR
#endif

namespace laggard {
namespace {

struct Initialised {
  Initialised() { INITIALISER; }
} initialised;

asio::awaitable<void> run(Session&) { co_return; }

Protocol describe() {
  Protocol p;
  p.name = "spoilt";
  p.run = run;
  p.options.resize(1);
  p.options[0].name = "own";
  DESCRIPTOR;
  return p;
}

}  // namespace

LAGGARD_PROTOCOL(describe())

}  // namespace laggard
