#include "protocols/sequential/sequence.hpp"

#include "core/io/error.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace laggard {
namespace {

std::size_t index(int i) { return static_cast<std::size_t>(i); }

int count(const std::vector<bool>& flags) {
  return static_cast<int>(std::count(flags.begin(), flags.end(), true));
}

}  // namespace

int SequentialCode::redundancy() const {
  if (multiplexed) return stragglers;
  const std::int64_t among = window - 1 + burst;
  return static_cast<int>((std::int64_t{burst} * stragglers + among - 1) / among);
}

int SequentialCode::units() const {
  if (!multiplexed) return workers;
  if (is_plain()) return workers * (window - 1);
  return workers * (burst + (window - 1) * (stragglers + 1));
}

std::vector<ShardId> SequentialCode::own_units(WorkerId worker, int chunk) const {
  const int size = is_plain() ? 1 : stragglers + 1;
  std::vector<ShardId> units;
  for (int i = 0; i < size; ++i) units.push_back((worker * own_chunks() + chunk) * size + i);
  return units;
}

ShardId SequentialCode::first_of_group(int group) const {
  return workers * (multiplexed ? (window - 1) * (stragglers + 1) + group : 0);
}

double SequentialCode::load() const {
  const double a_slot = is_plain() ? 1 : redundancy() + 1;
  return a_slot * slots() / units();
}

Sequence::Sequence(const SequentialCode& code, int first, int last)
    : code_(code), first_(first), last_(last), round_(first), oldest_(first) {
  make_lists();
}

bool Sequence::idle(WorkerId worker) const {
  const auto& list = lists_[index(worker)];
  return std::all_of(list.begin(), list.end(), [](const Item& item) { return item.job < 0; });
}

void Sequence::make_lists() {
  if (round_ < last_)
    jobs_.push_back(
        {std::vector(index(code_.workers), std::vector<bool>(index(code_.own_chunks()))),
         std::vector(index(code_.groups()), std::vector<bool>(index(code_.workers)))});
  lists_.assign(index(code_.workers), std::vector<Item>(index(code_.slots())));
  repeats_ = false;
  if (code_.multiplexed) {
    for (WorkerId w = 0; w < code_.workers; ++w)
      for (int slot = 0; slot < code_.slots(); ++slot)
        lists_[index(w)][index(slot)] = multiplexed_item(w, slot);
  } else {
    for (auto& list : lists_)
      if (exists(round_)) list[0] = {round_, 0};
    list_repeats();
  }
  back_.clear();
  for (WorkerId w = 0; w < code_.workers; ++w) back_.push_back(idle(w));
}

// The code of the job makes up for s of those that did not return it; the others are asked again.
void Sequence::list_repeats() {
  const int j = round_ - code_.burst;
  if (!exists(j)) return;
  const std::vector<bool>& arrived = job(j).arrived[0];
  int repeats = code_.workers - count(arrived) - code_.redundancy();
  for (WorkerId w = 0; w < code_.workers && repeats > 0; ++w) {
    if (arrived[index(w)]) continue;
    lists_[index(w)][0] = {j, 0};
    repeats_ = true;
    --repeats;
  }
}

Item Sequence::multiplexed_item(WorkerId worker, int slot) const {
  const int j = round_ - slot;
  if (!exists(j)) return {};
  const std::vector<bool>& own = job(j).own[index(worker)];
  const auto missing = std::find(own.begin(), own.end(), false);
  if (missing != own.end()) return {j, -1, static_cast<int>(missing - own.begin())};
  return {j, slot - (code_.window - 1)};
}

void Sequence::returned(WorkerId worker) {
  LAGGARD_ASSERT(!back_[index(worker)], fmt::format("worker {} returns twice", worker));
  back_[index(worker)] = true;
  for (const Item& item : lists_[index(worker)]) {
    if (item.job < 0) continue;
    Job& of = job(item.job);
    if (item.group < 0)
      of.own[index(worker)][index(item.chunk)] = true;
    else if (item.group < code_.groups())
      of.arrived[index(item.group)][index(worker)] = true;
  }
}

bool Sequence::conforms() const {
  std::vector<bool> distinct(back_.size());
  for (std::size_t w = 0; w < back_.size(); ++w) distinct[w] = !back_[w];
  for (std::size_t i = 0; i < past_.size(); ++i) {
    const Past& past = past_[i];
    if (!past.counts) continue;
    const bool burst_over = past_.size() - i >= index(code_.burst);
    for (std::size_t w = 0; w < back_.size(); ++w) {
      if (!past.straggled[w]) continue;
      if (burst_over && !back_[w]) return false;
      distinct[w] = true;
    }
  }
  return count(distinct) <= code_.stragglers;
}

int Sequence::owed(int j, WorkerId worker) const {
  const std::vector<bool>& own = job(j).own[index(worker)];
  return static_cast<int>(own.size()) - count(own);
}

// Whether job j decodes if from the next round on everybody returns.
bool Sequence::can_decode(int j) const {
  const int slot = round_ - j;
  const int enough = code_.workers - code_.redundancy();
  if (!code_.multiplexed) return slot < code_.delay() || count(job(j).arrived[0]) >= enough;
  for (WorkerId w = 0; w < code_.workers; ++w)
    if (owed(j, w) > code_.delay() - slot) return false;
  for (int group = 0; group < code_.groups(); ++group) {
    const int its_slot = code_.window - 1 + group;
    int results = count(job(j).arrived[index(group)]);
    for (WorkerId w = 0; w < code_.workers && its_slot > slot; ++w)
      results += owed(j, w) < its_slot - slot;  // by then it owes nothing of its own
    if (results < enough) return false;
  }
  return true;
}

bool Sequence::suffices() const {
  for (int j = round_ - code_.delay(); j <= round_; ++j)
    if (exists(j) && !can_decode(j)) return false;
  return true;
}

std::vector<const std::vector<bool>*> Sequence::settled() const {
  std::vector<const std::vector<bool>*> out;
  for (int group = 0; group < code_.groups(); ++group) {
    const int j = round_ - (code_.multiplexed ? code_.window - 1 + group : code_.delay());
    if (exists(j)) out.push_back(&job(j).arrived[index(group)]);
  }
  return out;
}

bool Sequence::decodes(int j) const {
  LAGGARD_ASSERT(j == due(), fmt::format("job {} is not due in round {}", j, round_));
  return can_decode(j);
}

void Sequence::close() {
  Past now;
  for (const bool back : back_) now.straggled.push_back(!back);
  now.counts = code_.multiplexed || repeats_ || count(now.straggled) > code_.redundancy();
  past_.push_back(std::move(now));
  if (past_.size() > index(code_.window - 1)) past_.pop_front();
  if (due() >= 0) {
    jobs_.pop_front();
    ++oldest_;
  }
  ++round_;
  make_lists();
}

}  // namespace laggard
