// Work of known size on resources of known rate: transfers, decompression, compute. Each resource is an agent on the
// kernel that takes its jobs in the order in which they were added, each as soon as those it comes after have ended.
//
//   JobGraph graph(1 GHz);
//   const auto link = graph.add_resource("h2d", bandwidth, Tensor::b);
//   const auto a = graph.add_job(link, bytes), b = graph.add_job(gpu, bytes, {a});
//   const Cycle total = graph.run(timeline);
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/kernel/account.h"
#include "sim/kernel/kernel.h"
#include "sim/network/rate_server.h"

namespace heddle::llm {

using JobId = std::uint32_t;
using ResourceId = std::uint32_t;

class JobGraph {
 public:
  explicit JobGraph(Frequency clock) : clock_(clock) {}

  /// `rate` units of work per second; `latency` cycles from the end of a job until others see it, during which the
  /// resource works on. `tensor` names what it waits for in the timeline.
  ResourceId add_resource(std::string name, Bandwidth rate, Tensor tensor, Cycle latency = 0);
  /// Jobs in `after` come earlier in add order.
  JobId add_job(ResourceId resource, std::uint64_t work, const std::vector<JobId>& after = {});

  /// Once. Returns the cycle in which the last job has ended; accounts are closed at it. With a timeline every resource
  /// is a track: busy, or waiting (network) for a job it comes after.
  Cycle run(ActivitySink* timeline);

  Cycle finish(JobId job) const { return jobs_[job].finish; }
  Cycle busy_cycles(ResourceId resource) const { return resources_[resource]->account.busy_cycles(); }
  const std::string& name(ResourceId resource) const { return resources_[resource]->name; }
  std::size_t resource_count() const { return resources_.size(); }

 private:
  struct Job {
    ResourceId resource = 0;
    std::uint64_t work = 0;
    std::uint32_t pending = 0;  // of those it comes after, not yet granted
    Cycle ready = 0;
    Cycle finish = kNever;
    std::vector<JobId> before;
  };
  struct Resource final : Agent {
    Resource(JobGraph& owner, std::string its_name, RateServer rate, Tensor its_tensor, Cycle its_latency)
        : graph(owner), name(std::move(its_name)), server(rate), tensor(its_tensor), latency(its_latency) {}
    Cycle step(Cycle now) override;
    bool done() const override { return next == queue.size(); }
    std::string waiting_for() const override;

    JobGraph& graph;
    std::string name;
    RateServer server;
    Tensor tensor;
    Cycle latency;
    AgentId agent = 0;
    std::vector<JobId> queue;
    std::size_t next = 0;
    CycleAccount account;
  };
  void grant(Resource& resource, Job& job, Cycle now);

  Frequency clock_;
  Kernel kernel_;
  std::vector<Job> jobs_;
  std::vector<std::unique_ptr<Resource>> resources_;
};

}  // namespace heddle::llm
