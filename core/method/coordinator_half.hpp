// The half of a method that lives at the coordinator: what a contribution is, and what an update
// does with them. Whose contributions make up an update is the protocol's affair.
#pragma once

#include "core/method/state_archive.hpp"
#include "core/task/absent.hpp"
#include "core/task/task.hpp"

#include <optional>
#include <span>
#include <string>

namespace laggard {

// What an update came to, with the norms that the stopping rules need.
struct Residuals {
  double primal = 0;  // r                                                     [math 2.5, 5]
  double dual = 0;    // s                                                     [math 2.6, 5]
  std::optional<double> dual_exact =
      std::nullopt;            // s as if local solves were exact, as the papers have it
  double norm_x = 0;           // admm: sqrt(sum_p norm(x_p)^2)
  double norm_z = 0;           // admm: sqrt(P) norm(z)
  double norm_y = 0;           // admm: sqrt(sum_p rho_p^2 norm(u_p)^2)
  int blocks = 1;              // how many vectors of length d the residuals are over: P for admm
  bool all_accepted = false;   // every shard has had a contribution accepted
  double disagreement = kNaN;  // of methods whose shards have models of their own [math 10.3]
  bool literal = false;        // the paper's listing taken literally: its rule knows no sqrt(d)
  std::string ended = {};      // a method's own rule ends the run, and why; empty: it does not
};

// What a method minimises where that is not phi.
class Objective {
 public:
  virtual ~Objective() = default;
  // At z, with so many threads, and the same bits with any number. Safe to call at any time.
  virtual double value(const Vector& z, int threads) const = 0;
};

class CoordinatorHalf {
 public:
  virtual ~CoordinatorHalf() = default;

  virtual int shards() const = 0;             // P
  virtual int features() const = 0;           // how long z is: d, or a multiple of it
  virtual const SharedVector& z() const = 0;  // the newest iterate: what phi is evaluated at
  virtual double rho() const = 0;             // of the tasks formed from now on; 0 if it has none

  // Its own, where Method::objective names one; null: phi. As long-lived as this.
  virtual const Objective* objective() const { return nullptr; }

  // The most numbers in a task, and in a report: a peer that sends more is not listened to.
  virtual std::int64_t most_numbers_down() const { return features(); }
  virtual std::int64_t most_numbers_up() const { return features(); }

  // Fills in what a task for task.shard (or task.parts) carries: z, scalars, operands, and the
  // shape of the report.
  virtual void form(Task& task) const = 0;

  // Accepts the answer to `task`.
  virtual void accept(const Task& task, Contribution contribution) = 0;

  // Accepts the sum of the contributions of all shards to one and the same z, as decoded from coded
  // messages; `task`: one of those that they answer. Only where contributions add up: an
  // InvariantViolation otherwise.
  virtual void accept_sum(const Task& task, Contribution sum);

  // Of methods whose shards have models of their own: the others whose models a task for `shard` is
  // made of, rising. What they reported last need not be in an update yet.
  virtual std::span<const ShardId> neighbours(ShardId) const { return {}; }
  // Of these: 1 - abs(lambda_2) of the matrix that mixes the models.                 [math 10.3]
  virtual double spectral_gap() const { return kNaN; }

  // Writes or reads all that updates to come depend on, right after an update. Reading is into a
  // method made with the same options for the same problem; throws Error as StateArchive does.
  virtual void persist(StateArchive& archive) = 0;

  // After a run that diverged: what would not have, as a half sentence; empty: that is not known.
  virtual std::string advice_on_divergence() const { return {}; }

  // Where an update replaces z, whatever others made of it meanwhile: their writes that it had not
  // seen, summed over the updates so far.                                         [math 11.5]
  virtual std::optional<std::int64_t> writes_lost() const { return std::nullopt; }

  // Makes the new z, the residuals, and what comes with them (penalty, momentum).
  virtual Residuals update(Absent absent = Absent::reuse) = 0;
};

}  // namespace laggard
