#include "methods/gossip/gossip.hpp"

#include "core/io/error.hpp"
#include "core/method/gradient_method.hpp"
#include "core/method/gradient_sum.hpp"
#include "core/method/plugin.hpp"
#include "core/method/smooth_mean.hpp"
#include "core/problem/vector_ops.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace laggard {

Gossip::Gossip(Mixing mixing, int features, const Regularizer& regularizer,
               const GossipOptions& options, std::function<std::string()> advice)
    : mixing_(std::move(mixing)),
      features_(features),
      regularizer_(regularizer),
      options_(options),
      advice_(std::move(advice)),
      spectral_gap_(spectrum(mixing_).gap()),
      report_(std::make_shared<ReportShape>(ReportShape{{features}, 1})),
      sum_(mixing_.nodes(), features, 1, true),
      z_(std::make_shared<const Vector>(Vector::Zero(features))) {
  for (ShardId k = 0; k < shards(); ++k) {
    models_.push_back({z_});
    std::vector<ShardId>& others = neighbours_.emplace_back();
    for (const MixingWeight& w : mixing_.rows[index(k)])
      if (w.node != k) others.push_back(w.node);
  }
}

std::span<const ShardId> Gossip::neighbours(ShardId shard) const {
  return neighbours_[index(shard)];
}

SharedVector Gossip::share(Vector vector) const {
  round_to(options_.precision, vector);
  return std::make_shared<const Vector>(std::move(vector));
}

// c_k = sum_j M_kj w_j over the models of the node's own round, j rising.              (10.5)
Vector Gossip::mixture(ShardId node) const {
  const std::size_t round = models_[index(node)].size() - 1;  // since the last update
  Vector c = Vector::Zero(features_);
  for (const MixingWeight& w : mixing_.rows[index(node)]) {
    const std::deque<SharedVector>& models = models_[index(w.node)];
    LAGGARD_ASSERT(round < models.size(),
                   fmt::format("node {} is ahead of its neighbour {}", node, w.node));
    add_scaled(view(c), w.weight, view(*models[round]));
  }
  return c;
}

void Gossip::form(Task& task) const {
  const bool first = options_.order == GossipOrder::combine_first;
  task.z = first ? share(mixture(task.shard)) : models_[index(task.shard)].back();
  task.report = report_;
  task.precision = options_.precision;
}

// w_k <- c_k - alpha g_k, g_k = ((m grad f_k) + grad h) / N at the point of the task.   (10.5)
void Gossip::accept(const Task& task, Contribution contribution) {
  LAGGARD_ASSERT(contribution.vectors.size() == 1, "a contribution that is no gradient");
  const bool first = options_.order == GossipOrder::combine_first;
  Vector w = first ? *task.z : *share(mixture(task.shard));
  Vector slope = static_cast<double>(shards()) * contribution.vectors.front();
  regularizer_.add_gradient(view(*task.z), view(slope));
  w -= options_.alpha * (slope / options_.samples);
  models_[index(task.shard)].push_back(share(std::move(w)));
}

Residuals Gossip::update(Absent) {
  for (ShardId k = 0; k < shards(); ++k) {
    std::deque<SharedVector>& models = models_[index(k)];
    LAGGARD_ASSERT(models.size() > 1, fmt::format("node {} has not made the round", k));
    models.pop_front();
    sum_.set(k, 1, models.front());
  }
  const Vector mean = sum_.total() / static_cast<double>(shards());
  double squares = 0;
  for (ShardId k = 0; k < shards(); ++k) squares += squared_distance(view(model(k)), view(mean));
  Residuals out;
  out.primal = distance(mean, *z_);
  out.disagreement = std::sqrt(squares / static_cast<double>(shards()));
  out.all_accepted = true;
  z_ = std::make_shared<const Vector>(mean);
  return out;
}

void Gossip::persist(StateArchive& archive) {
  archive.shared(z_);
  for (std::deque<SharedVector>& models : models_) {
    archive.shared(models.front());
    if (archive.reading()) models.resize(1);
  }
}

namespace {

Mixing mixing_of(const OptionValues& values, int nodes) {
  return make_mixing(make_graph(text_value(values, "graph"), nodes), text_value(values, "mixing"));
}

void prepare(MethodSetup& setup) {
  refuse_rough(setup, "gossip");
  const std::string& spec = text_value(setup.values, "graph");
  const Graph graph = make_graph(spec, setup.shards);
  if (!setup.values.contains("mixing"))
    setup.values["mixing"] = std::string(graph.weighted ? "file" : "metropolis");
  const Mixing mixing = make_mixing(graph, text_value(setup.values, "mixing"));
  const Spectrum found = spectrum(mixing);
  setup.notices.push_back(fmt::format(
      "{}: {} node{}, {} edge{}; abs(lambda_2) of the mixing matrix is {:.6f}, the spectral "
      "gap {:.6f}",
      spec, graph.nodes(), graph.nodes() == 1 ? "" : "s", graph.edges(),
      graph.edges() == 1 ? "" : "s", found.second, found.gap()));
  if (text_value(setup.values, "mixing") == "closed_uniform")
    setup.notices.push_back(
        "closed_uniform is no doubly stochastic mixing where degrees differ: a node counts by its "
        "degree + 1, and what the models tend to is not the optimum, however small the step");
  else
    LAGGARD_ASSERT(is_doubly_stochastic(mixing), "a mixing matrix of " + spec);
}

// max_k of the Lipschitz constant of g_k.
double longest_curvature(const CoordinatorSetup& setup) {
  const std::vector<double> each = all_lipschitz(setup.worker, setup.threads);
  const double most = *std::max_element(each.begin(), each.end());
  return (setup.problem.shards * most + *setup.problem.regularizer->smooth_curvature()) /
         static_cast<double>(setup.problem.data->samples());
}

// Below `factor` / max_k L(g_k) a step is stable on any shards: mixing stretches nothing, and
// I - alpha H stays within -1 and 1 (combine_first), or M - alpha H does (dpsgd).
double stable_factor(const Mixing& mixing, GossipOrder order) {
  return order == GossipOrder::combine_first ? 2 : 1 + spectrum(mixing).least;
}

std::unique_ptr<CoordinatorHalf> coordinator(const CoordinatorSetup& setup) {
  const Problem& problem = setup.problem;
  Mixing mixing = mixing_of(setup.values, problem.shards);
  GossipOptions options;
  options.order = text_value(setup.values, "order") == "dpsgd" ? GossipOrder::dpsgd
                                                               : GossipOrder::combine_first;
  options.samples = static_cast<double>(problem.data->samples());
  options.precision = setup.precision;
  const double factor = stable_factor(mixing, options.order);
  const std::optional<double> given = optional_real(setup.values, "step-size");
  options.alpha = given ? *given : factor / 2 * inverse(longest_curvature(setup));
  const auto advice = [setup, factor]() -> std::string {
    return fmt::format("a --step-size below {:.3g} is stable, whatever the nodes hold",
                       factor * inverse(longest_curvature(setup)));
  };
  return std::make_unique<Gossip>(std::move(mixing), problem.features(), *problem.regularizer,
                                  options, advice);
}

}  // namespace

LAGGARD_METHOD({
    .name = "gossip",
    .summary = "a model at each node, mixed with its neighbours' in every round",
    .source =
        "docs/mathematics.md 10.3; Nedic and Ozdaglar 2009; Lian et al., NeurIPS 2017 (D-PSGD)",
    .options = {{.name = "graph",
                 .type = OptionType::text,
                 .default_text = "ring",
                 .help = "who talks to whom: note7, ring, torus:RxC, complete, or file:PATH with "
                         "an edge a line",
                 .canonical = canonical_graph},
                {.name = "mixing",
                 .type = OptionType::choice,
                 .choices = {"metropolis", "closed_uniform", "file"},
                 .default_text = "metropolis; file where that has weights",
                 .help = "the weights of neighbours: by the larger degree of the two, by the "
                         "node's own (an exhibit), or the file's third column"},
                {.name = "order",
                 .type = OptionType::choice,
                 .choices = {"combine_first", "dpsgd"},
                 .default_text = "combine_first",
                 .help = "the gradient at the mixture, or at the node's own model"},
                step_size_option("the step, for phi/N")},
    .traits = {.one_point = true, .noisy = true, .vectors_kept = 3},
    .prepare = prepare,
    .worker = make_gradient_sum,
    .coordinator = coordinator,
})

}  // namespace laggard
