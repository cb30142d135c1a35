#include "core/method/gradient_method.hpp"

#include "core/io/error.hpp"
#include "core/problem/vector_ops.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
GradientMethod::GradientMethod(int shards, int features, Precision precision)
    : features_(features),
      precision_(precision),
      report_(std::make_shared<ReportShape>(ReportShape{{features}, 1})),
      zero_(std::make_shared<const Vector>(Vector::Zero(features))),
      shards_(static_cast<std::size_t>(shards)),
      sum_(shards, features, 1, true) {
  for (ShardState& shard : shards_) shard.point = zero_;
}

SharedVector GradientMethod::share(Vector vector) const {
  round_to(precision_, vector);
  return std::make_shared<const Vector>(std::move(vector));
}

void GradientMethod::form(Task& task) const {
  task.z = point();
  task.report = report_;
  task.precision = precision_;
}

void GradientMethod::accept(const Task& task, Contribution contribution) {
  LAGGARD_ASSERT(contribution.vectors.size() == 1, "a contribution that is no gradient");
  ShardState& shard = shards_[static_cast<std::size_t>(task.shard)];
  shard.point = task.z;
  shard.accepted = shard.fresh = true;
  sum_.set(task.shard, 1, std::make_shared<const Vector>(std::move(contribution.vectors.front())));
}

void GradientMethod::accept_sum(const Task& task, Contribution sum) {
  decoded_ = std::move(sum.vectors.front());
  for (ShardState& shard : shards_) shard = {task.z, true, true};
}

Residuals GradientMethod::update(Absent absent) {
  Residuals residuals = step(sum_gradients(absent));
  residuals.all_accepted =
      std::all_of(shards_.begin(), shards_.end(), [](const ShardState& s) { return s.accepted; });
  for (ShardState& shard : shards_) shard.fresh = false;
  return residuals;
}

Vector GradientMethod::sum_gradients(Absent absent) {
  if (decoded_) return *std::exchange(decoded_, std::nullopt);
  const auto fresh =
      std::count_if(shards_.begin(), shards_.end(), [](const ShardState& s) { return s.fresh; });
  if (absent == Absent::reuse || fresh == shards()) return sum_.total();
  LAGGARD_ASSERT(fresh > 0, "an update over no gradient at all");
  for (ShardId p = 0; p < shards(); ++p)
    if (!shards_[static_cast<std::size_t>(p)].fresh) sum_.leave_out(p);
  return (static_cast<double>(shards()) / static_cast<double>(fresh)) * sum_.total();
}

void GradientMethod::persist(StateArchive& archive) {
  for (ShardState& shard : shards_) {
    archive.shared(shard.point);
    archive.value(shard.accepted);
  }
  sum_.persist(archive);
  persist_own(archive);
}

bool GradientMethod::all_fresh() const {
  return std::all_of(shards_.begin(), shards_.end(), [](const ShardState& s) { return s.fresh; });
}

double GradientMethod::farthest_squared(const Vector& x) const {
  double farthest = 0;
  std::vector<const Vector*> known;  // few: the points of the last updates
  for (const ShardState& shard : shards_) {
    if (std::find(known.begin(), known.end(), shard.point.get()) != known.end()) continue;
    known.push_back(shard.point.get());
    farthest = std::max(farthest, squared_distance(view(x), view(*shard.point)));
  }
  return farthest;
}

}  // namespace laggard
