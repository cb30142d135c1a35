// Nobody waits for all: a node begins a round once its neighbours have made the one before.
// [math 10.3]
#include "core/io/error.hpp"
#include "core/schedule/plugin.hpp"

#include <fmt/format.h>

#include <array>
#include <deque>
#include <utility>

namespace laggard {
namespace {

// Who has come how far. The models are the method's affair.
class LocalBarrier {
 public:
  explicit LocalBarrier(Session& session)
      : session_(session), nodes_(static_cast<std::size_t>(session.shards())) {}

  // Sends the node into its next round, if it waits and its neighbours have made its last one.
  void try_send(ShardId node) {
    Node& own = at(node);
    if (own.busy) return;
    std::vector<PeerMessage> messages;
    for (const ShardId other : session_.neighbours(node)) {
      const Node& neighbour = at(other);
      if (neighbour.made < own.made) return;
      // The neighbour cannot be two rounds ahead: it needs this node's last round for that.
      if (own.made > 0) messages.push_back({other, neighbour.finished[own.made % 2]});
    }
    own.busy = true;
    session_.dispatch_after(node, std::move(messages));
  }

  // The node has made its round; so its neighbours may begin theirs, though others have not made
  // it.
  void take(Report report) {
    Node& node = at(report.shard);
    node.busy = false;
    ++node.made;
    node.finished[node.made % 2] = report.finished;
    session_.use(report);
    if (node.waiting.empty()) ++nodes_waiting_;
    node.waiting.push_back(std::move(report));
  }

  // Once all have made the round of the next update.
  void try_update() {
    if (nodes_waiting_ < nodes_.size()) return;
    for (Node& node : nodes_) {
      session_.accept(std::move(node.waiting.front()));
      node.waiting.pop_front();
      if (node.waiting.empty()) --nodes_waiting_;
    }
    session_.update();
  }

 private:
  struct Node {
    int made = 0;                    // rounds
    std::array<Time, 2> finished{};  // when it made the last two: that of round r in r mod 2
    bool busy = false;
    std::deque<Report> waiting;  // for their updates
  };

  Node& at(ShardId node) { return nodes_[static_cast<std::size_t>(node)]; }

  Session& session_;
  std::vector<Node> nodes_;
  std::size_t nodes_waiting_ = 0;  // that have made the round of the next update
};

asio::awaitable<void> run_gossip(Session& s) {
  LocalBarrier barrier(s);
  for (ShardId node = 0; node < s.shards(); ++node) barrier.try_send(node);
  while (s.running()) {
    Report report = co_await s.next();
    const ShardId node = report.shard;
    barrier.take(std::move(report));
    barrier.try_update();
    if (!s.running()) co_return;
    barrier.try_send(node);
    for (const ShardId other : s.neighbours(node)) barrier.try_send(other);
  }
}

void prepare(ProtocolSetup& setup) {
  if (setup.shards != setup.workers)
    throw Error(
        fmt::format("--shards: {} cannot go with gossip, where a node has a worker and a "
                    "shard; expected {}, as many as workers",
                    setup.shards, setup.workers));
}

}  // namespace

LAGGARD_PROTOCOL({
    .name = "gossip",
    .summary = "no coordinator: a node waits for its neighbours alone",
    .source = "docs/mathematics.md 10.3; Lian et al., NeurIPS 2017",
    .prepare = prepare,
    .run = run_gossip,
    .method = "gossip",
    .direct_links = true,
})

}  // namespace laggard
