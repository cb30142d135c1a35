// Credentials that are renewed before they expire.
#pragma once

#include "runners/launchers/lambda/credentials.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace laggard {

// Used from the loop alone. Looking credentials up may block, so it is done in a thread.
class LiveCredentials {
 public:
  using Clock = std::chrono::system_clock;

  // `given`: these and no others, never renewed. `renewed` is called on the loop when a renewal has
  // ended, whether it brought new ones or not.
  LiveCredentials(boost::asio::io_context& loop, std::optional<Credentials> given,
                  EnvironmentVariables environment, std::function<void()> renewed);
  ~LiveCredentials();

  void find();  // blocks; throws as find_credentials()
  const Credentials& get() const;
  int generation() const;  // grows with each renewal that brought some
  // Starts a renewal if they expire within minutes.
  void look_after();
  // Starts a renewal, for the service does not take them any more. False: there is nothing to wait
  // for, as the last one has just been, or none ever is.
  bool renew();
  // Nothing should be sent until it has ended: what there is has expired.
  bool should_wait() const;
  std::string trouble() const;  // why the last renewal failed; empty: it did not

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace laggard
