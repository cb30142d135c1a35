// A secret in memory.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace laggard {

// Text that is overwritten when it goes. No operator prints it.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text) : text_(text) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : text_(std::move(other.text_)) { other.wipe(); }
  Secret& operator=(Secret other) noexcept {
    text_.swap(other.text_);
    return *this;
  }
  ~Secret() { wipe(); }

  bool empty() const { return text_.empty(); }
  // To be handed to where it is used, and not to be kept.
  const std::string& reveal() const { return text_; }

 private:
  void wipe();

  std::string text_;
};

}  // namespace laggard
