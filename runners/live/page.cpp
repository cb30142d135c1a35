#include "laggard/live_page.hpp"

#include "runners/live/server.hpp"

namespace laggard::live {

std::string_view page() { return kLivePage; }

}  // namespace laggard::live
