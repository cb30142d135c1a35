// The half of a method that lives at the coordinator: what a contribution is, and what an update
// does with them. Whose contributions make up an update is the protocol's affair.
#pragma once

#include "core/method/state_archive.hpp"
#include "core/task/task.hpp"

namespace laggard {

// What an update came to, with the norms that the stopping rules need.
struct Residuals {
  double primal = 0;          // r                                                     [math 2.5, 5]
  double dual = 0;            // s                                                     [math 2.6, 5]
  double norm_x = 0;          // admm: sqrt(sum_p norm(x_p)^2)
  double norm_z = 0;          // admm: sqrt(P) norm(z)
  double norm_y = 0;          // admm: sqrt(sum_p rho_p^2 norm(u_p)^2)
  int blocks = 1;             // how many vectors of length d the residuals are over: P for admm
  bool all_accepted = false;  // every shard has had a contribution accepted
};

// What a shard whose contribution is not new counts as in an update.
enum class Absent {
  reuse,     // its last accepted contribution
  left_out,  // nothing: the update is over the new ones alone
};

class Method {
 public:
  virtual ~Method() = default;

  virtual int shards() const = 0;             // P
  virtual int features() const = 0;           // d
  virtual const SharedVector& z() const = 0;  // the newest iterate: what phi is evaluated at
  virtual double rho() const = 0;             // of the tasks formed from now on; 0 if it has none

  // Fills in what a task for task.shard (or task.parts) carries: kind, z, omega, q, rho.
  virtual void form(Task& task) const = 0;

  // Accepts the answer to `task`.
  virtual void accept(const Task& task, Contribution contribution) = 0;

  // Accepts the sum of the contributions of all shards to one and the same z, as decoded from coded
  // messages. Only where contributions add up: an InvariantViolation otherwise.
  virtual void accept_sum(Contribution sum);

  // Writes or reads all that updates to come depend on, right after an update. Reading is into a
  // method made with the same options for the same problem; throws Error as StateArchive does.
  virtual void persist(StateArchive& archive) = 0;

  // Makes the new z, the residuals, and what comes with them (penalty, momentum).
  virtual Residuals update(Absent absent = Absent::reuse) = 0;
};

}  // namespace laggard
