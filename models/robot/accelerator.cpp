// At the end of each layer the policy chooses among the requests that have arrived and not ended. Estimates of
// remaining time are the means of the table, except that Dysta scales them by the sparsity it has measured so far.
#include "models/robot/accelerator.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "sim/base/errors.h"
#include "sim/base/random.h"
#include "sim/kernel/kernel.h"

namespace heddle::robot {
namespace {

constexpr EnumName<Dispatch> kDispatches[] = {
    {Dispatch::fcfs, "fcfs", "first come, first served, to its end"},
    {Dispatch::sjf, "sjf", "shortest estimated remaining time"},
    {Dispatch::cfs, "cfs", "least virtual runtime of the model's group, weight the mean priority of its requests"},
    {Dispatch::edf, "edf", "earliest deadline"},
    {Dispatch::prema, "prema", "tokens that grow with priority and waiting; shortest of those above the threshold"},
    {Dispatch::planaria, "planaria", "priority over slack"},
    {Dispatch::dream, "dream", "urgency plus starvation"},
    {Dispatch::dysta, "dysta", "remaining time scaled by measured sparsity, plus slack and waiting"}};

struct Live {
  const Request* request;
  const RequestModel* model;
  std::size_t next_layer = 0;
  double measured = 0, expected = 0;  ///< cycles of the layers run, and what the table says of them
  double token = 0;
  Cycle last_ran = 0;  ///< end of its last layer, or its arrival
  Cycle deadline = 0;
};

class Accelerator : public Agent {
 public:
  Accelerator(std::span<const RequestModel> models, std::span<const Request> requests, Dispatch policy,
              const DispatchConfig& config)
      : models_(models), requests_(requests), policy_(policy), config_(config), group_runtime_(models.size()) {}

  Cycle step(Cycle now) override {
    if (running_ != nullptr) end_layer(now);
    for (; arrived_ < requests_.size() && requests_[arrived_].arrival <= now; ++arrived_) admit(requests_[arrived_]);
    if (live_.empty()) return arrived_ < requests_.size() ? requests_[arrived_].arrival : kNever;
    return start_layer(now);
  }
  bool done() const override { return arrived_ == requests_.size() && live_.empty(); }
  std::string waiting_for() const override { return "a request"; }

  DispatchResult result() const;
  CycleAccount account;

 private:
  void admit(const Request& request);
  void end_layer(Cycle now);
  Cycle start_layer(Cycle now);
  Live& choose(Cycle now);
  double score(const Live& live, Cycle now) const;
  double remaining(const Live& live) const;
  void update_tokens(Cycle now);
  double token_threshold() const;

  std::span<const RequestModel> models_;
  std::span<const Request> requests_;
  Dispatch policy_;
  DispatchConfig config_;
  std::vector<std::unique_ptr<Live>> live_;
  Live* running_ = nullptr;
  const Request* before_ = nullptr;
  std::size_t arrived_ = 0;
  std::vector<double> group_runtime_;
  Cycle layer_start_ = 0, chosen_at_ = 0, tokens_at_ = 0;
  DispatchResult sums_;
};

void Accelerator::admit(const Request& request) {
  auto live = std::make_unique<Live>();
  live->request = &request;
  live->model = &models_[request.model];
  live->token = request.priority;
  live->last_ran = request.arrival;
  live->deadline = request.arrival + static_cast<Cycle>(std::llround(config_.slo_multiple * live->model->mean_total()));
  const bool alone = std::none_of(live_.begin(), live_.end(), [&](const auto& l) { return l->model == live->model; });
  if (alone) {  // a group that slept does not come back with credit
    double least = -1;
    for (const auto& l : live_) {
      const double runtime = group_runtime_[l->request->model];
      if (least < 0 || runtime < least) least = runtime;
    }
    group_runtime_[request.model] = std::max(group_runtime_[request.model], least);
  }
  live_.push_back(std::move(live));
}

void Accelerator::end_layer(Cycle now) {
  account.busy(now);
  Live& live = *running_;
  const auto ran = double(now - layer_start_);
  group_runtime_[live.request->model] += ran / live.request->priority;
  live.measured += ran;
  live.expected += live.model->mean_layer(live.next_layer);
  live.last_ran = now;
  const std::vector<std::uint64_t>& layers = live.model->samples[live.request->sample];
  if (++live.next_layer < layers.size()) return;
  double isolated = 0;
  for (const std::uint64_t cycles : layers) isolated += double(cycles);
  sums_.antt += double(now - live.request->arrival) / isolated;
  sums_.stp += isolated;
  if (now > live.deadline) sums_.violation_rate += 1;
  sums_.end = now;
  std::erase_if(live_, [&](const auto& l) { return l.get() == running_; });
  running_ = nullptr;
}

Cycle Accelerator::start_layer(Cycle now) {
  Live& next = choose(now);
  if (before_ != next.request) chosen_at_ = now;
  account.no_work(now);
  layer_start_ = now;
  if (before_ != nullptr && before_ != next.request) {
    ++sums_.switches;
    layer_start_ += config_.switch_cycles;
    account.stall(layer_start_, Tensor::a, Cause::reconfigure);
  }
  before_ = next.request;
  running_ = &next;
  return layer_start_ + next.model->samples[next.request->sample][next.next_layer];
}

double Accelerator::remaining(const Live& live) const {
  double cycles = 0;
  for (std::size_t l = live.next_layer; l < live.model->samples[0].size(); ++l) cycles += live.model->mean_layer(l);
  return cycles;
}

/// Every waiting request gains its priority times its waiting since the last look, in isolated times.
void Accelerator::update_tokens(Cycle now) {
  for (const auto& live : live_) {
    const Cycle since = std::max(tokens_at_, live->last_ran);
    if (now > since) live->token += live->request->priority * double(now - since) / live->model->mean_total();
  }
  tokens_at_ = now;
}

/// The largest of 1, 3 and 9 that some token reaches.
double Accelerator::token_threshold() const {
  double most = 0;
  for (const auto& live : live_) most = std::max(most, live->token);
  return most >= 9 ? 9 : most >= 3 ? 3 : 1;
}

/// The least is chosen.
double Accelerator::score(const Live& live, Cycle now) const {
  const double left = remaining(live);
  const double slack = double(live.deadline) - double(now);
  const double idle = double(now - live.last_ran);
  switch (policy_) {
    case Dispatch::fcfs:
      return double(live.request->arrival);
    case Dispatch::sjf:
    case Dispatch::prema:
      return left;
    case Dispatch::cfs:
      return group_runtime_[live.request->model];
    case Dispatch::edf:
      return double(live.deadline);
    case Dispatch::planaria:  // what is late already comes last
      return slack > 0 ? -double(live.request->priority) / slack : 1.0;
    case Dispatch::dream: {
      const double urgency = slack > 0 ? std::min(1.0, left / slack) : 1.0;
      return -(urgency + config_.dream_alpha * idle / live.model->mean_layer(live.next_layer));
    }
    case Dispatch::dysta: {
      const double scaled = left * (live.expected > 0 ? live.measured / live.expected : 1);
      const double waiting = idle / (live.model->mean_total() * double(live_.size()));
      return scaled + config_.dysta_beta * (std::max(0.0, slack - scaled) + waiting);
    }
  }
  throw InternalError("unknown policy");
}

Live& Accelerator::choose(Cycle now) {
  const bool keep = running_ != nullptr && (policy_ == Dispatch::fcfs ||
                                            (policy_ == Dispatch::cfs && now - chosen_at_ < config_.cfs_slice_cycles));
  if (keep) return *running_;
  if (policy_ == Dispatch::prema) update_tokens(now);
  const double threshold = policy_ == Dispatch::prema ? token_threshold() : 0;
  Live* best = nullptr;
  double least = 0;
  for (const auto& live : live_) {
    if (live->token < threshold) continue;
    const double value = score(*live, now);
    if (best == nullptr || value < least) best = live.get(), least = value;
  }
  HEDDLE_CHECK(best != nullptr);
  return *best;
}

DispatchResult Accelerator::result() const {
  DispatchResult result = sums_;
  const auto n = double(requests_.size());
  result.antt /= n;
  result.violation_rate /= n;
  const Cycle first = requests_.front().arrival;
  result.stp = sums_.end > first ? sums_.stp / double(sums_.end - first) : 0;
  result.busy = account.busy_cycles();
  result.switching = account.stall_cycles(Tensor::a, Cause::reconfigure);
  return result;
}

}  // namespace

std::span<const EnumName<Dispatch>> enum_names(Dispatch) {
  return kDispatches;
}

double RequestModel::mean_layer(std::size_t layer) const {
  double sum = 0;
  for (const auto& sample : samples) sum += double(sample[layer]);
  return sum / double(samples.size());
}

double RequestModel::mean_total() const {
  double sum = 0;
  for (std::size_t l = 0; l < samples.at(0).size(); ++l) sum += mean_layer(l);
  return sum;
}

std::vector<Request> draw_requests(std::span<const RequestModel> models, const ArrivalConfig& config,
                                   std::uint64_t seed) {
  HEDDLE_CHECK(!models.empty() && !config.priorities.empty());
  double isolated = 0;
  for (const RequestModel& model : models) isolated += model.mean_total() / double(models.size());
  Random random(seed);
  std::vector<Request> requests;
  double now = 0;
  for (std::uint32_t i = 0; i < config.requests; ++i) {
    now += -std::log1p(-random.uniform_real()) * isolated / config.load;
    Request request;
    request.model = random.uniform_u64(models.size());
    request.sample = random.uniform_u64(models[request.model].samples.size());
    request.priority = config.priorities[random.uniform_u64(config.priorities.size())];
    request.arrival = static_cast<Cycle>(now);
    requests.push_back(request);
  }
  return requests;
}

DispatchResult run_requests(std::span<const RequestModel> models, std::span<const Request> requests, Dispatch policy,
                            const DispatchConfig& config, ActivitySink* timeline) {
  HEDDLE_CHECK(!requests.empty());
  Accelerator accelerator(models, requests, policy, config);
  if (timeline != nullptr) timeline->on_track(0, "accelerator", 0);
  accelerator.account.attach(timeline, 0);
  Kernel kernel;
  kernel.add(accelerator);
  kernel.run();
  return accelerator.result();
}

}  // namespace heddle::robot
