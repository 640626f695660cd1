#include "models/llm/job_graph.h"

#include <algorithm>

#include "sim/base/errors.h"

namespace heddle::llm {

ResourceId JobGraph::add_resource(std::string name, Bandwidth rate, Tensor tensor, Cycle latency) {
  resources_.push_back(std::make_unique<Resource>(*this, std::move(name), RateServer(clock_, rate), tensor, latency));
  resources_.back()->agent = kernel_.add(*resources_.back());
  return static_cast<ResourceId>(resources_.size() - 1);
}

JobId JobGraph::add_job(ResourceId resource, std::uint64_t work, const std::vector<JobId>& after) {
  const auto id = static_cast<JobId>(jobs_.size());
  Job job;
  job.resource = resource;
  job.work = work;
  job.pending = static_cast<std::uint32_t>(after.size());
  for (const JobId earlier : after) {
    HEDDLE_CHECK(earlier < id);
    jobs_[earlier].before.push_back(id);
  }
  jobs_.push_back(std::move(job));
  resources_[resource]->queue.push_back(id);
  return id;
}

/// When a job ends is known when it begins, so those after it are told at once and woken for that cycle.
void JobGraph::grant(Resource& resource, Job& job, Cycle now) {
  const RateServer::Grant grant = resource.server.serve(std::max(job.ready, now), job.work);
  resource.account.stall(grant.start, resource.tensor, Cause::network);
  resource.account.busy(grant.finish);
  job.finish = grant.finish + resource.latency;
  for (const JobId id : job.before) {
    Job& later = jobs_[id];
    later.ready = std::max(later.ready, job.finish);
    Resource& waiting = *resources_[later.resource];
    if (--later.pending == 0 && &waiting != &resource && waiting.queue[waiting.next] == id)
      kernel_.wake(waiting.agent, std::max(later.ready, now + 1));
  }
}

Cycle JobGraph::Resource::step(Cycle now) {
  while (next < queue.size()) {
    Job& job = graph.jobs_[queue[next]];
    if (job.pending > 0) return kNever;
    if (job.ready > now) return job.ready;
    ++next;
    graph.grant(*this, job, now);
  }
  return kNever;
}

std::string JobGraph::Resource::waiting_for() const {
  return name + ": job " + std::to_string(next) + " of " + std::to_string(queue.size());
}

Cycle JobGraph::run(ActivitySink* timeline) {
  std::uint32_t track = 0;
  for (const auto& resource : resources_) {
    if (timeline != nullptr) {
      timeline->on_track(track, resource->name, 0);
      resource->account.attach(timeline, track);
    }
    ++track;
  }
  kernel_.run();
  Cycle total = 0;
  for (const Job& job : jobs_) total = std::max(total, job.finish);
  for (const auto& resource : resources_) resource->account.close(total);
  return total;
}

}  // namespace heddle::llm
