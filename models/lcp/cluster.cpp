// A device runs its ready tasks one at a time, in the order in which they became ready, then oldest image first. When a
// task ends, its messages go to the medium in the order of the edges; the medium sends one at a time, in order of
// arrival. A task is ready in the cycle in which the last of what it reads has arrived; what stays on a device arrives
// at once. The host computes nothing but a classifier it may be given. An image of a stream that meets a full queue, of
// the medium or of a device, is dropped with all that is left of it.
#include "models/lcp/cluster.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <memory>
#include <optional>
#include <set>

#include "sim/base/errors.h"
#include "sim/base/random.h"
#include "sim/kernel/kernel.h"

namespace heddle::lcp {
namespace {

struct Job {
  std::uint32_t image;
  std::uint32_t task;
  friend auto operator<=>(const Job&, const Job&) = default;
};

struct Transmission {
  std::uint32_t image;
  std::uint32_t from_task;
  std::uint32_t message;
  std::uint32_t to_device;  ///< kAll with multicast
  double bytes;
};
constexpr std::uint32_t kAll = ~0u;
constexpr AgentId kNobody = ~0u;

class Replay;

class Device : public Agent {
 public:
  Device(Replay& replay, std::uint32_t number) : replay_(replay), number_(number) {}
  Cycle step(Cycle now) override;
  bool done() const override { return waiting_.empty() && !running_; }
  std::string waiting_for() const override { return "input of device " + std::to_string(number_); }

  /// The last thing `job` reads arrives at `at` (not before now).
  void enqueue(Job job, Cycle at);
  std::size_t queued() const { return waiting_.size(); }

  AgentId id = 0;
  CycleAccount account;

 private:
  struct Waiting {
    Cycle at;
    Job job;
    friend auto operator<=>(const Waiting&, const Waiting&) = default;
  };
  void finish_running(Cycle now);
  Cycle start_next(Cycle now);

  Replay& replay_;
  std::uint32_t number_;
  std::set<Waiting> waiting_;
  std::optional<Job> running_;
  Cycle free_at_ = 0;
};

/// One radio channel, or the sending side of one device.
class Link : public Agent {
 public:
  explicit Link(Replay& replay) : replay_(replay) {}
  Cycle step(Cycle now) override;
  bool done() const override { return queue_.empty(); }
  std::string waiting_for() const override { return "the medium"; }
  void push(const Transmission& transmission) { queue_.push_back(transmission); }
  std::size_t queued() const { return queue_.size(); }

  AgentId id = 0;
  CycleAccount account;

 private:
  Replay& replay_;
  std::deque<Transmission> queue_;
  Cycle free_at_ = 0;
};

/// Hands images to the host.
class Camera : public Agent {
 public:
  explicit Camera(Replay& replay) : replay_(replay) {}
  Cycle step(Cycle now) override;
  bool done() const override;
  std::string waiting_for() const override { return "the result of image " + std::to_string(next_ - 1); }
  AgentId id = 0;

 private:
  Replay& replay_;
  std::uint32_t next_ = 0;
};

class Replay {
 public:
  Replay(const TaskGraph& graph, const Cluster& cluster, ActivitySink* timeline);
  ClusterResult run();

  const Cluster& cluster() const { return cluster_; }
  std::uint32_t device_of(Job job) const {
    const std::uint32_t home = graph_[job.task].device;
    if (!cluster_.rotate || home >= cluster_.devices) return home;
    return (home + job.image) % cluster_.devices;
  }
  Cycle duration_of(Job job) { return compute_time(cluster_.device, graph_[job.task].work) + straggle(); }
  Cycle duration_of(const Transmission& t) { return message_time(cluster_.link, t.bytes) + straggle(); }

  void start_image(std::uint32_t image, Cycle now);
  void end_task(Job job, Cycle now);
  /// Everything edge (from, message) of this image carries reaches `to_device`.
  void deliver(const Transmission& transmission, Cycle at);
  bool is_dropped(std::uint32_t image) const { return dropped_[image]; }
  std::uint32_t unfinished() const { return unfinished_; }

 private:
  Cycle straggle();
  void arrive(Job job, Cycle at);
  void send(const Transmission& transmission, std::uint32_t from_device, Cycle now);
  void drop(std::uint32_t image);
  void end_image(std::uint32_t image, Cycle now);
  void place_memory(ClusterResult& result) const;
  void summarise(ClusterResult& result);

  const TaskGraph& graph_;
  const Cluster& cluster_;
  Kernel kernel_;
  Random random_;
  std::vector<std::unique_ptr<Device>> devices_;  ///< the host last
  std::vector<std::unique_ptr<Link>> links_;
  Camera camera_;
  std::vector<std::uint32_t> missing_;  ///< by image and task: inputs yet to arrive
  std::vector<Cycle> begin_, end_;      ///< by image
  std::vector<bool> dropped_;
  std::uint32_t unfinished_ = 0;
  AgentId stepping_ = kNobody;  ///< the device whose task just ended
  std::uint64_t messages_ = 0;
  double message_bytes_ = 0;
};

void Device::enqueue(Job job, Cycle at) {
  waiting_.insert({at, job});
}

Cycle Device::step(Cycle now) {
  if (running_ && free_at_ <= now) finish_running(now);
  if (running_) return free_at_;
  return start_next(now);
}

void Device::finish_running(Cycle now) {
  account.busy(now);
  const Job job = *running_;
  running_.reset();
  replay_.end_task(job, now);
}

Cycle Device::start_next(Cycle now) {
  while (!waiting_.empty() && waiting_.begin()->at <= now) {
    const Job job = waiting_.begin()->job;
    waiting_.erase(waiting_.begin());
    if (replay_.is_dropped(job.image)) continue;
    const Cycle duration = replay_.duration_of(job);
    if (duration == 0) {
      replay_.end_task(job, now);
      continue;
    }
    account.stall(now, Tensor::a, Cause::network);
    running_ = job;
    return free_at_ = now + duration;
  }
  return waiting_.empty() ? kNever : waiting_.begin()->at;
}

Cycle Link::step(Cycle now) {
  if (free_at_ > now) return free_at_;
  while (!queue_.empty() && replay_.is_dropped(queue_.front().image)) queue_.pop_front();
  if (queue_.empty()) return kNever;
  const Transmission transmission = queue_.front();
  queue_.pop_front();
  account.no_work(now);
  free_at_ = now + std::max<Cycle>(1, replay_.duration_of(transmission));
  account.busy(free_at_);
  replay_.deliver(transmission, free_at_);
  return free_at_;
}

Cycle Camera::step(Cycle now) {
  const StreamConfig& stream = replay_.cluster().stream;
  if (next_ == stream.images) return kNever;
  replay_.start_image(next_++, now);
  const auto interval = static_cast<Cycle>(std::llround(stream.interval_ms * 1e3));
  return interval == 0 || next_ == stream.images ? kNever : now + interval;
}

bool Camera::done() const {
  return next_ == replay_.cluster().stream.images && replay_.unfinished() == 0;
}

Replay::Replay(const TaskGraph& graph, const Cluster& cluster, ActivitySink* timeline)
    : graph_(graph),
      cluster_(cluster),
      random_(cluster.straggler.seed),
      camera_(*this),
      missing_(std::size_t{cluster.stream.images} * boost::num_vertices(graph)),
      begin_(cluster.stream.images),
      end_(cluster.stream.images, kNever),
      dropped_(cluster.stream.images) {
  camera_.id = kernel_.add(camera_);
  std::uint32_t track = 0;
  for (std::uint32_t d = 0; d <= cluster.devices; ++d) {
    devices_.push_back(std::make_unique<Device>(*this, d));
    devices_.back()->id = kernel_.add(*devices_.back(), true);
    if (timeline != nullptr) timeline->on_track(track, d < cluster.devices ? "device" : "host", d);
    devices_.back()->account.attach(timeline, track++);
  }
  const std::uint32_t links = cluster.link.medium == Medium::shared ? 1 : cluster.devices + 1;
  for (std::uint32_t l = 0; l < links; ++l) {
    links_.push_back(std::make_unique<Link>(*this));
    links_.back()->id = kernel_.add(*links_.back(), true);
    if (timeline != nullptr) timeline->on_track(track, "link", l);
    links_.back()->account.attach(timeline, track++);
  }
}

Cycle Replay::straggle() {
  const StragglerConfig& s = cluster_.straggler;
  if (s.probability == 0 || random_.uniform_real() >= s.probability) return 0;
  return static_cast<Cycle>(std::llround(-std::log1p(-random_.uniform_real()) * s.mean_ms * 1e3));
}

void Replay::start_image(std::uint32_t image, Cycle now) {
  begin_[image] = now;
  ++unfinished_;
  const std::size_t tasks = boost::num_vertices(graph_);
  for (std::size_t t = 0; t < tasks; ++t)
    missing_[image * tasks + t] = static_cast<std::uint32_t>(boost::in_degree(t, graph_));
  arrive({image, 0}, now);  // vertex 0 is the image itself
}

void Replay::arrive(Job job, Cycle at) {
  if (dropped_[job.image]) return;
  Device& device = *devices_[device_of(job)];
  if (device.queued() >= cluster_.stream.queue && device_of(job) < cluster_.devices && cluster_.stream.interval_ms > 0)
    return drop(job.image);
  device.enqueue(job, at);
  if (device.id != stepping_) kernel_.wake(device.id, at);  // a device that acts looks at its own queue afterwards
}

void Replay::end_task(Job job, Cycle now) {
  const std::uint32_t here = device_of(job);
  if (boost::out_degree(job.task, graph_) == 0) return end_image(job.image, now);
  stepping_ = devices_[here]->id;
  std::set<std::pair<std::uint32_t, std::uint32_t>> sent;  // message, receiver
  for (const auto& e : boost::make_iterator_range(boost::out_edges(job.task, graph_))) {
    const Message& message = graph_[e];
    const Job to{job.image, static_cast<std::uint32_t>(boost::target(e, graph_))};
    const std::uint32_t there = device_of(to);
    if (there == here || message.bytes == 0) {
      const Cycle at = there == here ? now : now + 1;  // a bare signal to another device is seen in the next cycle
      if (--missing_[to.image * boost::num_vertices(graph_) + to.task] == 0) arrive(to, at);
      continue;
    }
    const std::uint32_t receiver = cluster_.link.multicast ? kAll : there;
    if (sent.insert({message.message, receiver}).second)
      send({job.image, job.task, message.message, receiver, message.bytes}, here, now);
  }
  stepping_ = kNobody;
}

void Replay::send(const Transmission& transmission, std::uint32_t from_device, Cycle now) {
  Link& link = *links_[links_.size() == 1 ? 0 : from_device];
  const bool input = from_device == cluster_.devices && transmission.from_task == 0;
  if (dropped_[transmission.image]) return;
  if (input && cluster_.stream.interval_ms > 0 && link.queued() >= cluster_.stream.queue)
    return drop(transmission.image);
  link.push(transmission);
  kernel_.wake(link.id, now);
  ++messages_;
  message_bytes_ += transmission.bytes;
}

void Replay::deliver(const Transmission& t, Cycle at) {
  const std::uint32_t here = device_of({t.image, t.from_task});
  for (const auto& e : boost::make_iterator_range(boost::out_edges(t.from_task, graph_))) {
    const Job to{t.image, static_cast<std::uint32_t>(boost::target(e, graph_))};
    const std::uint32_t there = device_of(to);
    if (graph_[e].message != t.message || there == here || graph_[e].bytes == 0) continue;
    if (t.to_device != kAll && t.to_device != there) continue;
    if (--missing_[to.image * boost::num_vertices(graph_) + to.task] == 0) arrive(to, at);
  }
}

void Replay::drop(std::uint32_t image) {
  dropped_[image] = true;
  --unfinished_;
}

void Replay::end_image(std::uint32_t image, Cycle now) {
  if (dropped_[image]) return;
  end_[image] = now;
  --unfinished_;
  if (cluster_.stream.interval_ms == 0) kernel_.wake(camera_.id, now + 1);
}

void Replay::place_memory(ClusterResult& result) const {
  std::vector<double> parameters(cluster_.devices + 1);
  for (const auto v : boost::make_iterator_range(boost::vertices(graph_)))
    parameters[graph_[v].device] += graph_[v].work.parameters;
  if (cluster_.rotate) std::fill(parameters.begin(), parameters.end() - 1, parameters[0]);
  for (std::uint32_t d = 0; d <= cluster_.devices; ++d) {
    const auto bytes = static_cast<std::uint64_t>(std::llround(parameters[d] * cluster_.device.bytes_per_parameter));
    if (d < cluster_.devices && bytes > cluster_.device.memory.count)
      throw InputError("device " + std::to_string(d) + " would hold " + std::to_string(bytes) +
                       " B of parameters; its memory is " + to_text(cluster_.device.memory));
    result.memory_bytes.push_back(bytes);
  }
}

ClusterResult Replay::run() {
  ClusterResult result;
  place_memory(result);
  kernel_.run();
  summarise(result);
  return result;
}

void Replay::summarise(ClusterResult& result) {
  Cycle last = 0;
  double sum = 0, squares = 0;
  for (std::size_t i = 0; i < end_.size(); ++i) {
    if (dropped_[i]) ++result.dropped;
    if (end_[i] == kNever) continue;
    const double ms = double(end_[i] - begin_[i]) / 1e3;
    last = std::max(last, end_[i]);
    sum += ms, squares += ms * ms;
    result.slowest_ms = std::max(result.slowest_ms, ms);
    ++result.finished;
  }
  const double n = std::max<double>(1, double(result.finished));
  result.latency_ms = sum / n;
  result.stdev_ms = std::sqrt(std::max(0.0, squares / n - result.latency_ms * result.latency_ms));
  result.makespan_ms = double(last) / 1e3;
  result.images_per_second = last == 0 ? 0 : double(result.finished) * 1e6 / double(last);
  result.messages = messages_;
  result.message_bytes = message_bytes_;
  for (auto& device : devices_) {
    device->account.close(std::max(last, device->account.charged_until()));
    result.busy_ms.push_back(double(device->account.busy_cycles()) / 1e3);
  }
  for (auto& link : links_) result.communication_ms += double(link->account.busy_cycles()) / 1e3 / n;
  for (std::uint32_t d = 0; d < cluster_.devices; ++d)
    result.energy_j += (result.busy_ms[d] * cluster_.device.power_active_w +
                        (result.makespan_ms - result.busy_ms[d]) * cluster_.device.power_idle_w) /
                       1e3 / n;
}

}  // namespace

ClusterResult replay_cluster(const TaskGraph& graph, const Cluster& cluster, ActivitySink* timeline) {
  return Replay(graph, cluster, timeline).run();
}

}  // namespace heddle::lcp
