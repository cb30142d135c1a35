#include "core/wire/work.hpp"

#include "core/io/error.hpp"
#include "core/io/json_fields.hpp"
#include "core/wire/proof.hpp"

#include <limits>
#include <span>

namespace laggard {
namespace {

namespace json = boost::json;

constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();
constexpr const char* kSources[] = {"synthetic", "coordinator", "file", "http"};
constexpr const char* kShardings[] = {"contiguous", "round_robin", "shuffle"};
constexpr const char* kPrecisions[] = {"f64", "f32"};

template <class T>
T choice(JsonFields& fields, std::string_view key, std::span<const char* const> names) {
  const std::string text = fields.text(key);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (text == names[i]) return static_cast<T>(i);
  fields.fail(key, "one of the known names");
}

json::object solver_json(const SolverOptions& solver) {
  return {
      {"name", solver.name},
      {"newton_steps", solver.newton_steps},
      {"cg_max", solver.cg_max},
      {"cg_tolerance", json_real(solver.cg_tolerance)},
      {"inner_min", solver.inner_min},
      {"inner_max", solver.inner_max},
      {"eps_g", json_real(solver.eps_g)},
      {"eps_f", json_real(solver.eps_f)},
  };
}

SolverOptions read_solver(const json::value& value) {
  JsonFields fields(value, "work: solver");
  SolverOptions out;
  out.name = fields.text("name");
  out.newton_steps = fields.small("newton_steps", 1);
  out.cg_max = fields.small("cg_max", 0);
  out.cg_tolerance = fields.real("cg_tolerance");
  out.inner_min = fields.small("inner_min", 0);
  out.inner_max = fields.small("inner_max", 0);
  out.eps_g = fields.real("eps_g");
  out.eps_f = fields.real("eps_f");
  fields.end();
  return out;
}

json::array ranges_json(const std::vector<ShardRange>& ranges) {
  json::array out;
  for (const ShardRange& range : ranges)
    out.push_back({{"offset", range.offset}, {"bytes", range.bytes}, {"sha256", range.sha256}});
  return out;
}

ShardRange read_range(const json::value& value) {
  JsonFields fields(value, "work: ranges");
  ShardRange out;
  out.offset = fields.integer("offset", 0, kAny);
  out.bytes = fields.integer("bytes", 0, kAny);
  out.sha256 = fields.text("sha256");
  std::array<std::byte, 32> digest{};
  from_hex(out.sha256, digest);
  fields.end();
  return out;
}

ShardSource read_source(const json::value& value) {
  JsonFields fields(value, "work: source");
  ShardSource out;
  out.kind = choice<ShardSource::Kind>(fields, "kind", kSources);
  out.location = fields.text("location");
  out.address = fields.text("address");
  fields.end();
  return out;
}

void read_shards(JsonFields& fields, Work& out) {
  for (const json::value& shard : fields.list("own")) {
    const std::int64_t* p = shard.if_int64();
    if (!p || *p < 0 || *p >= out.shards) fields.fail("own", "shards of the problem");
    out.own.push_back(static_cast<ShardId>(*p));
  }
  for (const json::value& range : fields.list("ranges")) out.ranges.push_back(read_range(range));
  const bool ranged =
      out.source.kind == ShardSource::Kind::file || out.source.kind == ShardSource::Kind::http;
  if (out.ranges.size() != (ranged ? out.own.size() : 0))
    fields.fail("ranges", "one for each of the worker's shards, in a file or at a URL");
}

Work read_work(std::string_view text) {
  const json::value value = parse_json(text, "work");
  JsonFields fields(value, "work");
  Work out;
  out.method = fields.text("method");
  out.solver = read_solver(fields.value("solver"));
  out.relaxation = fields.real("relaxation");
  out.loss = fields.text("loss");
  out.samples = fields.integer("samples", 1, kAny);
  out.features = fields.small("features", 1);
  out.shards = fields.small("shards", 1);
  out.identity = fields.text("identity");
  out.synthetic = parse_synthetic(fields.text("synthetic"));
  out.sharding = choice<Sharding>(fields, "sharding", kShardings);
  out.sharding_seed = fields.word("sharding_seed");
  out.source = read_source(fields.value("source"));
  read_shards(fields, out);
  out.precision = choice<Precision>(fields, "precision", kPrecisions);
  out.straggler = fields.text("straggler");
  out.straggler_seed = fields.word("straggler_seed");
  out.workers = fields.small("workers", 1);
  fields.end();
  return out;
}

}  // namespace

std::string to_json(const Work& work) {
  const json::object object = {
      {"method", work.method},
      {"solver", solver_json(work.solver)},
      {"relaxation", json_real(work.relaxation)},
      {"loss", work.loss},
      {"samples", work.samples},
      {"features", work.features},
      {"shards", work.shards},
      {"identity", work.identity},
      {"synthetic", work.synthetic.text()},
      {"sharding", kShardings[static_cast<std::size_t>(work.sharding)]},
      {"sharding_seed", work.sharding_seed},
      {"source",
       {{"kind", kSources[static_cast<std::size_t>(work.source.kind)]},
        {"location", work.source.location},
        {"address", work.source.address}}},
      {"own", json::value_from(work.own)},
      {"ranges", ranges_json(work.ranges)},
      {"precision", kPrecisions[static_cast<std::size_t>(work.precision)]},
      {"straggler", work.straggler},
      {"straggler_seed", work.straggler_seed},
      {"workers", work.workers},
  };
  return json::serialize(object);
}

Work parse_work(std::string_view text) {
  try {
    return read_work(text);
  } catch (const Error& error) {
    throw WireError(error.what());
  }
}

}  // namespace laggard
