#include "core/coding/gradient_code.hpp"
#include "core/io/error.hpp"
#include "protocols/sequential/sequential.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

namespace laggard {
namespace {

// One round after another. A worker's list is several tasks, a slot each: it has returned its list
// once all are answered.
class Rounds {
 public:
  explicit Rounds(Session& s)
      : s_(s),
        code_(sequential_code(s.options(), s.workers())),
        cyclic_(code_.workers, code_.is_plain() ? 0 : code_.redundancy(), kCodeSeed),
        sequence_(code_, s.round(), s.last_round()),
        by_model_(text_value(s.options(), "wait") == "model"),
        mu_(real_value(s.options(), "mu")) {}

  // Fixes the point of the job that begins, and sends the lists.
  void begin() {
    start_ = s_.now();
    deadline_ = kForever;
    passed_ = waits_for_all_ = false;
    const int round = sequence_.round();
    if (round < s_.last_round()) jobs_[round] = {s_.newest_point(round % s_.models()), {}};
    lists_.assign(static_cast<std::size_t>(code_.workers), {});
    pending_ = 0;
    for (WorkerId worker = 0; worker < code_.workers; ++worker) {
      if (sequence_.idle(worker)) continue;
      ++pending_;
      for (const Item& item : sequence_.lists()[index(worker)])
        if (item.job >= 0) lists_[index(worker)].push_back({send(worker, item), item, {}});
    }
  }

  bool goes_on() {
    if (pending_ == 0) return false;
    return !passed_ || (by_model_ ? waits_for_all_ : !suffices());
  }

  // When who has not returned is late; kForever once it has passed.
  Time deadline() const { return passed_ ? kForever : deadline_; }
  void pass_deadline() {
    passed_ = true;
    waits_for_all_ = by_model_ && !sequence_.conforms();
  }

  void take(Report report) {
    const WorkerId worker = report.worker;
    std::vector<Sent>& list = lists_[index(worker)];
    const auto sent = std::find_if(list.begin(), list.end(),
                                   [&](const Sent& each) { return each.task == report.id; });
    LAGGARD_ASSERT(sent != list.end(), fmt::format("task {} is of another round", report.id));
    sent->report = std::move(report);
    if (!std::all_of(list.begin(), list.end(), [](const Sent& each) { return each.report; }))
      return;
    keep(list);
    sequence_.returned(worker);
    --pending_;
    if (deadline_ == kForever && !passed_)
      deadline_ = start_ + from_seconds((1 + mu_) * to_seconds(s_.now() - start_));
  }

  // Those that have not returned lose what they did. The job due is decoded, and its model updated.
  void end() {
    for (std::vector<Sent>& list : lists_)
      for (Sent& sent : list) {
        if (sent.report)
          s_.discard(*sent.report);
        else
          s_.revoke(sent.task);
      }
    const int due = sequence_.due();
    if (due >= 0) {
      LAGGARD_ASSERT(sequence_.decodes(due), fmt::format("job {} does not decode", due));
      accept(std::move(jobs_.at(due).answers));
      jobs_.erase(due);
    }
    sequence_.close();
    if (due >= 0 && s_.running()) s_.update();
  }

 private:
  struct Sent {
    TaskId task;
    Item item;
    std::optional<Report> report;
  };
  struct Answer {
    Item item;
    Report report;
  };
  struct Job {
    Point point;
    std::vector<Answer> answers;
  };

  static std::size_t index(WorkerId worker) { return static_cast<std::size_t>(worker); }

  // With lambda = n there are no groups: their slots repeat a chunk of the worker's own.
  bool is_repeat(const Item& item) const { return item.group >= code_.groups(); }

  TaskId send(WorkerId worker, const Item& item) {
    const Point& point = jobs_.at(item.job).point;
    if (item.group >= 0 && !is_repeat(item)) {
      std::vector<Part> parts = cyclic_.parts(worker);
      for (Part& part : parts) part.shard += code_.first_of_group(item.group);
      return s_.dispatch_coded(worker, std::move(parts), point);
    }
    const int chunk = is_repeat(item) ? item.group % code_.own_chunks() : item.chunk;
    const std::vector<ShardId> units = code_.own_units(worker, chunk);
    if (units.size() == 1) return s_.dispatch(units.front(), worker, point);
    std::vector<Part> parts;
    for (const ShardId unit : units) parts.push_back({unit, 1});
    return s_.dispatch_coded(worker, std::move(parts), point);
  }

  void keep(std::vector<Sent>& list) {
    for (Sent& sent : list) {
      if (is_repeat(sent.item))
        s_.discard(*sent.report);
      else
        jobs_.at(sent.item.job).answers.push_back({sent.item, std::move(*sent.report)});
    }
    list.clear();
  }

  // The groups that get no more results decode well enough, too.
  bool suffices() {
    if (!sequence_.suffices()) return false;
    for (const std::vector<bool>* arrived : sequence_.settled())
      if (cyclic_.decode(*arrived).error > kMostDecodingError) return false;
    return true;
  }

  // The own chunks as they are, and each group decoded.
  void accept(std::vector<Answer> answers) {
    if (code_.is_plain()) {
      for (Answer& answer : answers) s_.accept(std::move(answer.report));
      return;
    }
    std::sort(answers.begin(), answers.end(), [](const Answer& a, const Answer& b) {
      return std::tie(a.item.group, a.report.worker, a.item.chunk) <
             std::tie(b.item.group, b.report.worker, b.item.chunk);
    });
    std::vector<Report> reports;
    const Decoding decoding = decode(answers);
    for (Answer& answer : answers) reports.push_back(std::move(answer.report));
    s_.note_decoding(decoding);
    if (decoding.error > kMostDecodingError)
      s_.fail_run(fmt::format("the reports of a job decode with an error of {}", decoding.error));
    s_.accept_decoded(std::move(reports), decoding.weights);
  }

  // Of a whole job. answers: those of the workers' own chunks, then group by group.
  Decoding decode(const std::vector<Answer>& answers) {
    const double share = 1.0 * code_.workers / code_.units();  // of a group
    Decoding all;
    all.error = 0;
    all.mean_weight = all.condition = 1;
    double squares = 0;
    for (int group = 0; group < code_.groups(); ++group) {
      std::vector<bool> arrived(lists_.size(), false);
      for (const Answer& answer : answers)
        if (answer.item.group == group) arrived[index(answer.report.worker)] = true;
      const Decoding& one = cyclic_.decode(arrived);
      all.weights.insert(all.weights.end(), one.weights.begin(), one.weights.end());
      all.error = std::max(all.error, one.error);
      squares += share * one.rms_error * one.rms_error;
      all.mean_weight += share * (one.mean_weight - 1);
      all.condition = std::max(all.condition, one.condition);
    }
    all.rms_error = std::sqrt(squares);
    all.weights.insert(all.weights.begin(), answers.size() - all.weights.size(), 1);
    return all;
  }

  Session& s_;
  const SequentialCode code_;
  GradientCode cyclic_;  // of each group
  Sequence sequence_;
  const bool by_model_;
  const double mu_;
  Time start_{}, deadline_ = kForever;    // of the round
  bool passed_ = false;                   // the deadline
  bool waits_for_all_ = false;            // the stragglers do not conform
  int pending_ = 0;                       // workers that have not returned their lists
  std::vector<std::vector<Sent>> lists_;  // by worker: what it has not returned yet
  std::map<int, Job> jobs_;               // the open ones
};

}  // namespace

asio::awaitable<void> run_sequential(Session& s) {
  Rounds rounds(s);
  while (s.running()) {
    rounds.begin();
    while (rounds.goes_on()) {
      const Time deadline = rounds.deadline();
      std::optional<Report> report = co_await s.next_until(deadline);
      if (report)
        rounds.take(std::move(*report));
      else
        rounds.pass_deadline();
    }
    rounds.end();
  }
}

}  // namespace laggard
