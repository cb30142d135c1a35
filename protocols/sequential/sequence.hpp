// Which jobs a worker is given in which round, whose work is lost, and what decodes. No clock, no
// numbers.                                                                        [math 13.3]
#pragma once

#include "core/task/types.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

namespace laggard {

// Where stragglers come in bursts: any `window` rounds in a row have at most `stragglers` of them,
// and none of these straggles again `burst` rounds or more after it first did.
struct SequentialCode {
  bool multiplexed = false;  // or selective repeat
  int workers = 1;           // n
  int burst = 1;             // B
  int window = 2;            // w
  int stragglers = 0;        // lambda

  // T: job j must decode by the end of round j + T.
  int delay() const { return multiplexed ? window - 2 + burst : burst; }
  // s of the cyclic code of n workers that a job, or a coded group of it, is sent in.
  int redundancy() const;
  // How many slots a worker's list has.
  int slots() const { return multiplexed ? window - 1 + burst : 1; }

  // The data are cut into so many units of equal size: shards.
  int units() const;
  // What worker `worker` computes in full: its own chunk `chunk`, of window - 1.
  std::vector<ShardId> own_units(WorkerId worker, int chunk) const;
  // The first of the n units, one a worker, of coded group `group`.
  ShardId first_of_group(int group) const;
  int groups() const { return !multiplexed ? 1 : is_plain() ? 0 : burst; }
  int own_chunks() const { return multiplexed ? window - 1 : 0; }
  // lambda = n: every worker has its own chunks alone, and there is nothing to decode.
  bool is_plain() const { return multiplexed && stragglers == workers; }
  // The share of the data that a worker computes with in a round.
  double load() const;
};

// What a slot of a list asks for.
struct Item {
  int job = -1;    // -1: nothing
  int group = -1;  // the coded group; -1: a chunk of the worker's own
  int chunk = 0;   // which

  bool operator==(const Item&) const = default;
};

// Round after round: lists, then who returned them, then close(). A worker that has not returned
// its list by then is a straggler, and all that it did in the round is lost.
class Sequence {
 public:
  // Jobs first .. last - 1, of which job j begins in round j.
  Sequence(const SequentialCode& code, int first, int last);

  int round() const { return round_; }
  // By worker and slot.
  const std::vector<std::vector<Item>>& lists() const { return lists_; }
  bool idle(WorkerId worker) const;  // nothing is asked of it
  void returned(WorkerId worker);

  // If those that have not returned were the stragglers of this round: whether the pattern is one
  // that the code is made for,
  bool conforms() const;
  // and whether the job due decodes and all later ones still can.
  bool suffices() const;
  // For each coded group that gets its last results in this round: whose are here.
  std::vector<const std::vector<bool>*> settled() const;

  // The job whose last round this is, or -1.
  int due() const { return exists(round_ - code_.delay()) ? round_ - code_.delay() : -1; }
  bool decodes(int job) const;
  // Ends the round. The next one has its lists.
  void close();

 private:
  struct Job {
    std::vector<std::vector<bool>> own;      // by worker and chunk: returned
    std::vector<std::vector<bool>> arrived;  // by group and worker
  };
  struct Past {
    std::vector<bool> straggled;  // by worker
    bool counts = true;           // towards the pattern
  };

  bool exists(int job) const {
    return job >= first_ && job >= round_ - code_.delay() && job < last_;
  }
  Job& job(int j) { return jobs_[static_cast<std::size_t>(j - oldest_)]; }
  const Job& job(int j) const { return jobs_[static_cast<std::size_t>(j - oldest_)]; }
  void make_lists();
  void list_repeats();
  Item multiplexed_item(WorkerId worker, int slot) const;
  int owed(int j, WorkerId worker) const;  // chunks of its own
  bool can_decode(int j) const;

  SequentialCode code_;
  int first_, last_;
  int round_;
  int oldest_;             // job of jobs_
  std::deque<Job> jobs_;   // the open ones
  std::deque<Past> past_;  // the window - 1 rounds before, the oldest first
  std::vector<std::vector<Item>> lists_;
  std::vector<bool> back_;  // by worker: has returned its list, or has none
  bool repeats_ = false;    // this round has some
};

}  // namespace laggard
