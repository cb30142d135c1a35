// sync under another name, with an option.
#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

namespace laggard {
namespace {

asio::awaitable<void> run_patient(Session& s) {
  LAGGARD_ASSERT(integer_value(s.options(), "patience") >= 1, "the option did not arrive");
  while (s.running()) {
    s.dispatch_all();
    while (s.accepted() < s.shards()) s.accept(co_await s.next());
    s.update();
  }
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "patient",
    .summary = "a plugin for tests",
    .source = "none",
    .options = {{.name = "patience",
                 .type = OptionType::integer,
                 .min = 1,
                 .max = 9,
                 .default_text = "4",
                 .help = "rounds of nothing"},
                {.name = "gamma",
                 .type = OptionType::choice,
                 .choices = {"some", "none"},
                 .default_text = "none",
                 .help = "nothing either"}},
    .run = run_patient,
})

}  // namespace laggard
