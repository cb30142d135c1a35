#include "methods/admm/consensus.hpp"

#include "core/io/error.hpp"
#include "core/problem/weighted_sum.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {
namespace {

constexpr int kSpare = 3;           // places of a ring beside those of the acceleration's points
constexpr OperandName kWeight = 0;  // the name of w, at its place: there is but one

// r^2 is taken from a difference of squares where it is at least so much of them: they are rounded
// to a few 1e-16.                                                                  [math 2.5]
constexpr double kLeastDifference = 1e-6;

// The coefficients of omega_p, of which `before` were those until a report came. Where they changed
// while its task was under way, for a point of the acceleration was taken, the report's step is
// added to what there is now; in the place of it, the report would undo the point. None: omega_p is
// what the report says.                                                           [math 2.8]
std::vector<double> moved_on(const std::vector<double>& before, const AdmmTask& carried,
                             double rho_before) {
  const auto had = carried.coefficients();
  const auto place = static_cast<std::size_t>(carried.place());
  if (std::equal(had.begin(), had.end(), before.begin()) || rho_before != carried.rho()) return {};
  if (before[place] != 0 || had[place] != 0) return {};  // what stood there is lost
  std::vector<double> after = before;
  for (std::size_t i = 0; i < had.size(); ++i) after[i] -= had[i];
  after[place] += 1;
  return after;
}

double weighted_dot(ConstSpan w, ConstSpan a, ConstSpan b) {
  return detail::lane_sum(a.size(), [w = w.data(), a = a.data(), b = b.data()](std::size_t i)
                                        LAGGARD_INLINE { return w[i] * (a[i] * b[i]); });
}

}  // namespace

Consensus::Consensus(const Regularizer& regularizer, int shards, int features,
                     const ConsensusOptions& options)
    : regularizer_(regularizer),
      options_(options),
      features_(features),
      rho_(options.rho),
      zero_(std::make_shared<Vector>(Vector::Zero(features))),
      z_(zero_),
      z_old_(zero_),
      report_(std::make_shared<ReportShape>(ReportShape{{features}, 0})),
      shards_(static_cast<std::size_t>(shards)),
      sum_(shards, features, options.rho, true),
      anderson_(options.memory),
      moved_(shards) {
  if (options.memory > 0)
    totals_.assign(static_cast<std::size_t>(anderson_.places()), Vector::Zero(features));
  for (ShardState& shard : shards_) {
    shard.ring.assign(
        options.memory > 0 ? static_cast<std::size_t>(options.memory + 1 + kSpare) : 1,
        {kZeroOperand, zero_, nullptr});
    shard.marks.resize(static_cast<std::size_t>(anderson_.places()));
    shard.early.resize(shard.marks.size());
    shard.z = zero_;
    shard.x = *zero_;
    shard.rho = options.rho;
  }
}

std::int64_t Consensus::most_numbers_down() const {
  return (1 + static_cast<std::int64_t>(places()) + (options_.weight ? 1 : 0)) *
         std::int64_t{features_};
}

void Consensus::form(Task& task) const {
  const ShardState& shard = shards_[static_cast<std::size_t>(task.shard)];
  task.z = z_;
  // The literal listing never rescales the dual.
  const double q = options_.literal ? 1.0 : shard.rho / rho_;
  task.scalars = {rho_, q};
  const int next = free_place(shard);
  if (options_.memory > 0) {
    task.scalars.push_back(next);
    task.scalars.push_back(static_cast<double>(epoch_));
  }
  const std::vector<double> weights = coefficients(shard);
  for (std::size_t place = 0; place < places(); ++place) {
    if (options_.memory > 0) task.scalars.push_back(weights[place]);
    const Point& point = shard.ring[place];
    task.operands.push_back(weights[place] == 0 ? Operand{kZeroOperand, zero_}
                                                : Operand{point.name, point.omega});
  }
  if (options_.weight) task.operands.push_back({kWeight, options_.weight});
  if (!options_.common_dual) task.kept = {next};
  task.report = report_;
  task.precision = options_.precision;
}

std::vector<double> Consensus::coefficients(const ShardState& shard) const {
  if (!shard.mixture.empty()) return shard.mixture;
  std::vector<double> weights(places(), 0);
  weights[static_cast<std::size_t>(shard.newest)] = 1;
  return weights;
}

// The next in turn that neither a point of the acceleration nor omega_p is made of.
int Consensus::free_place(const ShardState& shard) const {
  std::vector<bool> taken(places(), false);
  for (int back = 0; back < anderson_.known(); ++back) {
    const Mark& mark = shard.marks[static_cast<std::size_t>(anderson_.place(back))];
    taken[static_cast<std::size_t>(mark.place)] = true;
  }
  for (std::size_t i = 0; i < shard.mixture.size(); ++i)
    if (shard.mixture[i] != 0) taken[i] = true;
  const auto newest = static_cast<std::size_t>(shard.newest);
  for (std::size_t turn = 1; turn < places(); ++turn) {
    const std::size_t place = (newest + turn) % places();
    if (!taken[place]) return static_cast<int>(place);
  }
  return static_cast<int>((newest + 1) % places());  // its point is lost
}

void Consensus::accept(const Task& task, Contribution contribution) {
  LAGGARD_ASSERT(contribution.vectors.size() == 1, "a contribution that is none of admm");
  Vector& x = contribution.vectors.front();
  ShardState& shard = shards_[static_cast<std::size_t>(task.shard)];
  const AdmmTask carried(task);
  Vector omega = carried.rescaled_dual();
  shard.y_squared = dual_distance(omega, *zero_);
  shard.x_squared = squared_norm(view(x));
  Vector step;
  if (options_.memory > 0) step = options_.relaxation * (x - *task.z);
  add_to_dual(options_.relaxation, x, *task.z, omega);
  if (options_.policy.relative) {
    shard.step_squared = distance(x, *task.z);
    shard.drift_squared = distance(*task.z, *shard.z);
    shard.x_size = distance(x, *zero_);
    shard.u_size = distance(omega, x);
  }
  plain_round_ = plain_round_ && task.z == z_ && !shard.fresh;
  if (plain_round_) {
    Vector moved = x - *task.z;
    shard.moved_squared = squared_norm(view(moved));
    moved_.add(task.shard, std::move(moved));
  }
  const std::vector<double> before = coefficients(shard);
  shard.newest = carried.place();
  Point& point = shard.ring[static_cast<std::size_t>(shard.newest)];
  point.name = task.id;
  point.omega = std::make_shared<Vector>(std::move(omega));
  if (options_.memory > 0) point.step = std::make_shared<Vector>(std::move(step));
  shard.mixture = moved_on(before, carried, shard.rho);
  const bool stepped = carried.epoch() == static_cast<double>(epoch_);
  if (options_.memory > 0 && stepped && !shard.stepped) multiply(shard);
  shard.stepped = stepped;
  shard.x = std::move(x);
  shard.z = task.z;
  shard.rho = carried.rho();
  shard.gradient_norm = contribution.gradient_norm;
  shard.accepted = std::min(shard.accepted + 1, 2);
  shard.fresh = true;
  ++reports_;
  if (shard.mixture.empty())
    sum_.set(task.shard, shard.rho, point.omega);
  else
    sum_.set(task.shard, shard.rho, terms(shard));
}

Residuals Consensus::update(Absent absent) {
  set_mixtures();
  if (absent == Absent::left_out) leave_out_absent();
  accelerate(absent);
  minimise_z();
  if (options_.common_dual) move_duals_alike();
  Residuals residuals = measure();
  residuals.literal = options_.literal;
  if (options_.literal) {
    // r one round late, s without sqrt(P).
    residuals.primal = std::exchange(literal_primal_, residuals.primal);
    residuals.dual = rho_ * std::sqrt(squared_distance(view(*z_), view(*z_old_)));
    residuals.dual_exact.reset();
  }
  adapt_rho(residuals);
  for (ShardState& shard : shards_) shard.fresh = false;
  moved_.clear();
  plain_round_ = true;
  return residuals;
}

void Consensus::leave_out_absent() {
  for (std::size_t p = 0; p < shards_.size(); ++p)
    if (!shards_[p].fresh) sum_.leave_out(static_cast<ShardId>(p));
}

// A point of the acceleration is taken once every shard has stepped since the last one: then what
// is known of every shard's last step is one application of the map, but for steps that are made
// from z of a few updates before. Where shards are left out, they are in no sum. [math 2.8]
void Consensus::accelerate(Absent absent) {
  if (options_.memory == 0) return;
  if (absent == Absent::left_out &&
      std::any_of(shards_.begin(), shards_.end(), [](const ShardState& s) { return !s.fresh; }))
    return anderson_.keep(0);
  if (std::any_of(shards_.begin(), shards_.end(), [](const ShardState& s) { return !s.stepped; }))
    return;
  forget_lost_points();
  const int place = anderson_.next();
  for (ShardState& shard : shards_) {
    const auto newest = static_cast<std::size_t>(shard.newest);
    shard.marks[static_cast<std::size_t>(place)] = {shard.newest, shard.ring[newest].name};
  }
  totals_[static_cast<std::size_t>(place)] = total_of_point(place);
  if (anderson_.add([&](int other) { return sum_of_products(place, other); })) mix();
  begin_epoch();
}

void Consensus::begin_epoch() {
  ++epoch_;
  for (ShardState& shard : shards_) shard.stepped = false;
}

// A shard's ring holds its last steps alone: points that were others have to go.
void Consensus::forget_lost_points() {
  for (const ShardState& shard : shards_) {
    for (int back = 0; back < anderson_.known(); ++back) {
      const Mark& mark = shard.marks[static_cast<std::size_t>(anderson_.place(back))];
      if (shard.ring[static_cast<std::size_t>(mark.place)].name != mark.name) anderson_.keep(back);
    }
  }
}

// At a place of the acceleration.
const Consensus::Point& Consensus::point(const ShardState& shard, int place) const {
  return shard.ring[static_cast<std::size_t>(shard.marks[static_cast<std::size_t>(place)].place)];
}

Consensus::Product Consensus::product(const Point& newest, const Point& other) const {
  const ConstSpan a = view(*newest.step), b = view(*other.step);
  return {newest.name, other.name,
          options_.weight ? weighted_dot(view(*options_.weight), a, b) : dot(a, b)};
}

// What the next point asks of this shard, made when its first report of the epoch comes and not
// after everybody's last. A later report of the epoch makes it useless.
void Consensus::multiply(ShardState& shard) const {
  const Point& newest = shard.ring[static_cast<std::size_t>(shard.newest)];
  for (int back = 0; back < std::min(anderson_.known(), anderson_.places() - 1); ++back) {
    const int at = anderson_.place(back);
    const Point& other = point(shard, at);
    if (other.name == shard.marks[static_cast<std::size_t>(at)].name)  // else it is lost
      shard.early[static_cast<std::size_t>(at)] = product(newest, other);
  }
  shard.early[static_cast<std::size_t>(anderson_.next())] = product(newest, newest);
}

double Consensus::sum_of_products(int place, int other) const {
  double sum = 0;
  for (const ShardState& shard : shards_) {
    const Point &newest = point(shard, place), &with = point(shard, other);
    const Product& early = shard.early[static_cast<std::size_t>(other)];
    const bool known = early.of == newest.name && early.with == with.name;
    sum += known ? early.value : product(newest, with).value;
  }
  return sum;
}

// What the sum holds under sync: there all shards have just reported.
Vector Consensus::total_of_point(int place) {
  if (std::all_of(shards_.begin(), shards_.end(),
                  [](const ShardState& shard) { return shard.mixture.empty(); }))
    return sum_.total();
  ShardSum sum(shards(), features_, rho_);
  for (std::size_t p = 0; p < shards_.size(); ++p)
    sum.set(static_cast<ShardId>(p), shards_[p].rho, point(shards_[p], place).omega);
  return sum.total();
}

// All rho_p are one while points are remembered: the total of mixtures is the mixture of totals.
void Consensus::mix() {
  for (ShardState& shard : shards_) {
    shard.mixture.assign(shard.ring.size(), 0);
    for (int back = 0; back < anderson_.known(); ++back) {
      const auto at = static_cast<std::size_t>(anderson_.place(back));
      shard.mixture[static_cast<std::size_t>(shard.marks[at].place)] += anderson_.weights()[at];
    }
  }
  std::vector<double> weight;
  std::vector<const double*> total;
  for (std::size_t at = 0; at < totals_.size(); ++at) {
    if (anderson_.weights()[at] == 0) continue;
    weight.push_back(anderson_.weights()[at]);
    total.push_back(totals_[at].data());
  }
  Vector mixed(features_);
  weighted_sum(weight, total, view(mixed));
  sum_.set_total(std::move(mixed));
  sum_lags_ = true;
}

// Of the shards that have not reported since; under sync none.
void Consensus::set_mixtures() {
  if (!std::exchange(sum_lags_, false)) return;
  for (std::size_t p = 0; p < shards_.size(); ++p)
    if (!shards_[p].fresh) sum_.set(static_cast<ShardId>(p), shards_[p].rho, terms(shards_[p]));
}

std::vector<Summand> Consensus::terms(const ShardState& shard) const {
  std::vector<Summand> out;
  for (std::size_t place = 0; place < shard.mixture.size(); ++place)
    if (shard.mixture[place] != 0) out.push_back({shard.mixture[place], shard.ring[place].omega});
  return out;
}

void Consensus::minimise_z() {
  const double gamma = options_.gamma;
  const double total = sum_.total_weight() + gamma;
  Vector z = (sum_.total().array() + gamma * z_->array()) / total;
  if (options_.weight) {
    const Vector t = 1 / (total * options_.weight->array());
    regularizer_.prox(view(z), view(t), view(z));
  } else {
    regularizer_.prox(view(z), 1 / total, view(z));
  }
  round_to(options_.precision, z);
  z_old_ = std::exchange(z_, std::make_shared<Vector>(std::move(z)));
}

// Each omega_p becomes their mean, so that u_p becomes u + mean_p x_p - z for all p.      (12.2)
void Consensus::move_duals_alike() {
  ++epoch_;
  const double total = sum_.total_weight();
  const auto mean = std::make_shared<const Vector>(sum_.total() / total);
  for (ShardState& shard : shards_) {
    Point& point = shard.ring[static_cast<std::size_t>(shard.newest)];
    point.name = epoch_;
    point.omega = mean;
  }
}

double Consensus::dual_distance(const Vector& a, const Vector& b) const {
  if (!options_.weight) return squared_distance(view(a), view(b));
  const Vector& w = *options_.weight;
  return detail::lane_sum(static_cast<std::size_t>(features_), [&](std::size_t j) {
    const auto i = static_cast<Eigen::Index>(j);
    const double difference = w[i] * (a[i] - b[i]);
    return difference * difference;
  });
}

double Consensus::distance(const Vector& a, const Vector& b) const {
  if (!options_.weight) return squared_distance(view(a), view(b));
  const Vector& w = *options_.weight;
  return detail::lane_sum(static_cast<std::size_t>(features_), [&](std::size_t j) {
    const auto i = static_cast<Eigen::Index>(j);
    const double difference = a[i] - b[i];
    return w[i] * (difference * difference);
  });
}

// r^2. In a round of sync of what was summed when the reports came, so that no x_p is read after
// the last; else, or where little would be left of it, by the definition.         [math 2.5]
double Consensus::primal_squared() const {
  if (const Vector* moved = plain_round_ ? moved_.total() : nullptr) {
    const Vector step = *z_ - *z_old_;
    double squares = shards() * squared_norm(view(step));
    for (const ShardState& shard : shards_) squares += shard.moved_squared;
    const double difference = squares - 2 * dot(view(*moved), view(step));
    if (difference > kLeastDifference * squares) return difference;
  }
  double sum = 0;
  for (const ShardState& shard : shards_) sum += squared_distance(view(shard.x), view(*z_));
  return sum;
}

Residuals Consensus::measure() const {
  Residuals out;
  out.all_accepted = true;
  double exact = 0, dual = 0, x_squared = 0, y_squared = 0;
  std::vector<std::pair<const Vector*, double>> moved;  // norm(w (z - z_j))^2, distinct z_j
  for (const ShardState& shard : shards_) {
    auto known = std::find_if(moved.begin(), moved.end(),
                              [&](const auto& entry) { return entry.first == shard.z.get(); });
    if (known == moved.end())
      known = moved.emplace(moved.end(), shard.z.get(), dual_distance(*z_, *shard.z));
    exact += shard.rho * shard.rho * known->second;
    const double s = shard.rho * std::sqrt(known->second) + shard.gradient_norm;
    dual += s * s;
    x_squared += shard.x_squared;
    y_squared += shard.rho * shard.rho * shard.y_squared;
    out.all_accepted &= shard.accepted > 0;
  }
  const double held = options_.gamma * options_.gamma * dual_distance(*z_, *z_old_);
  out.primal = std::sqrt(primal_squared());
  out.dual_exact = std::sqrt(exact + held);
  out.dual = std::sqrt(dual + held);
  out.norm_x = std::sqrt(x_squared);
  out.norm_z = std::sqrt(static_cast<double>(shards())) * norm(view(*z_));
  out.blocks = shards();
  out.norm_y = std::sqrt(y_squared);
  return out;
}

// Only while nothing in the sums is older than the current rho: without this window, balancing
// runs away under protocols that use old reports [math 2].
bool Consensus::rho_is_settled() const {
  return std::all_of(shards_.begin(), shards_.end(), [this](const ShardState& shard) {
    return shard.accepted > 0 && shard.rho == rho_;
  });
}

void Consensus::adapt_rho(const Residuals& residuals) {
  if (!rho_is_settled()) return;
  const double factor = wanted_factor(residuals);
  const double rho = std::clamp(rho_ * factor, kLeastRho, 1 / kLeastRho);
  if (factor == 1 || rho == rho_) return;
  rho_ = rho;
  reports_ = 0;
  ++changes_;
  anderson_.keep(0);
  begin_epoch();
}

// [math 2.7]
double Consensus::wanted_factor(const Residuals& residuals) const {
  const PenaltyPolicy& policy = options_.policy;
  if (!policy.relative) {
    const double dual = residuals.dual_exact.value_or(residuals.dual);
    if (residuals.primal > policy.mu * dual) return policy.factor;
    if (dual > policy.mu * residuals.primal) return 1 / policy.factor;
    return 1;
  }
  const double rounds = static_cast<double>(reports_) / shards();
  double patience = 1;
  for (int change = 0; change < changes_ && patience <= rounds; ++change)
    patience *= policy.patience;
  if (rounds < patience) return 1;
  double step = 0, drift = 0, x = 0, u = 0;
  for (const ShardState& shard : shards_) {
    if (shard.accepted < 2) return 1;
    step += shard.step_squared;
    drift += shard.drift_squared;
    x += shard.x_size;
    u += shard.u_size;
  }
  const double z = shards() * distance(*z_, *zero_);
  const double primal = std::sqrt(step / std::max(x, z)), dual = std::sqrt(drift / u);
  const double ratio = primal / dual;
  if (!(ratio > policy.mu || ratio < 1 / policy.mu)) return 1;  // also where either is 0 / 0
  return std::clamp(std::sqrt(ratio), 1 / policy.factor, policy.factor);
}

void Consensus::persist(StateArchive& archive) {
  const auto check_place = [this](int place) {
    if (place < 0 || place >= static_cast<int>(places()))
      throw Error(fmt::format("is damaged: place {} of {}", place, places()));
  };
  archive.value(rho_);
  archive.value(literal_primal_);
  archive.value(reports_);
  archive.value(changes_);
  archive.shared(z_);
  archive.shared(z_old_);
  for (ShardState& shard : shards_) {
    for (Point& point : shard.ring) {
      archive.value(point.name);
      archive.shared(point.omega);
      if (options_.memory > 0) {
        if (!point.step) point.step = zero_;
        archive.shared(point.step);
      }
    }
    archive.value(shard.newest);
    archive.value(shard.stepped);
    for (Mark& mark : shard.marks) {
      archive.value(mark.place);
      archive.value(mark.name);
      check_place(mark.place);
    }
    bool mixed = !shard.mixture.empty();
    archive.value(mixed);
    shard.mixture.resize(mixed ? shard.ring.size() : 0);
    archive.values(shard.mixture);
    archive.shared(shard.z);
    archive.vector(shard.x);
    for (double* number : {&shard.rho, &shard.x_squared, &shard.y_squared, &shard.gradient_norm,
                           &shard.step_squared, &shard.drift_squared, &shard.x_size, &shard.u_size})
      archive.value(*number);
    archive.value(shard.accepted);
    check_place(shard.newest);
  }
  anderson_.persist(archive);
  for (Vector& total : totals_) archive.vector(total);
  archive.value(epoch_);
  sum_.persist(archive);
  archive.value(sum_lags_);
}

}  // namespace laggard
