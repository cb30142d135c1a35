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

// The kind of a value is part of it: a text may look like a number.
json::array options_json(const OptionValues& values) {
  json::array out;
  for (const auto& [name, value] : values) {
    json::object& entry = out.emplace_back(json::object{{"name", name}}).as_object();
    if (const auto* integer = std::get_if<std::int64_t>(&value))
      entry["integer"] = *integer;
    else if (const auto* real = std::get_if<double>(&value))
      entry["real"] = json_real(*real);
    else
      entry["text"] = std::get<std::string>(value);
  }
  return out;
}

OptionValues read_options(const json::array& list) {
  OptionValues out;
  for (const json::value& entry : list) {
    JsonFields fields(entry, "work: method_options");
    OptionValue& value = out[fields.text("name")];
    if (fields.has("integer"))
      value = fields.integer("integer", -kAny, kAny);
    else if (fields.has("real"))
      value = fields.real("real");
    else
      value = fields.text("text");
    fields.end();
  }
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
  out.method_options = read_options(fields.list("method_options"));
  out.plugin = fields.text("plugin");
  out.plugin_sha256 = fields.text("plugin_sha256");
  out.loss = fields.text("loss");
  out.samples = fields.integer("samples", 1, kAny);
  out.features = fields.small("features", 1);
  out.most_numbers_down = fields.integer("most_numbers_down", 1, kAny);
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
      {"method_options", options_json(work.method_options)},
      {"plugin", work.plugin},
      {"plugin_sha256", work.plugin_sha256},
      {"loss", work.loss},
      {"samples", work.samples},
      {"features", work.features},
      {"most_numbers_down", work.most_numbers_down},
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
